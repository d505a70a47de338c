from django.urls import path

from portal.views.onboarding import welcome

urlpatterns = [
    path("welcome/", welcome, name="welcome"),
]
