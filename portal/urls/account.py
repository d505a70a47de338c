from django.urls import path

from portal.views.home import home
from portal.views.organization import organization

urlpatterns = [
    path("home/", home, name="home"),
    path("organization/", organization, name="organization"),
]
