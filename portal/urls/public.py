from django.urls import path

from portal.views.styleguide import styleguide

urlpatterns = [
    path("styleguide/", styleguide, name="styleguide"),
]
