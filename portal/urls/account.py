from django.urls import path

from portal.project_changes import ARCHIVAL, RESTORATION
from portal.views import projects
from portal.views.home import home
from portal.views.organization import organization

urlpatterns = [
    path("home/", home, name="home"),
    path("organization/", organization, name="organization"),
    path("projects/new/", projects.new_project, name="project_new"),
    path("projects/<uuid:pk>/", projects.project_page, name="project"),
    path("projects/<uuid:pk>/archival/", projects.project_change, {"change": ARCHIVAL}, name="project_archival"),
    path(
        "projects/<uuid:pk>/restoration/", projects.project_change, {"change": RESTORATION}, name="project_restoration"
    ),
]
