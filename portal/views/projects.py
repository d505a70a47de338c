"""Projects: a new one, another name, and what puts one away. They are listed on the organization's page."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from accounts.projects import ProjectNameTaken, create_project, rename_project
from keys.models import ApiKey
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.forms.projects import ProjectForm
from portal.project_changes import ProjectChange


@require_http_methods(["GET", "HEAD", "POST"])
@member
def new_project(request: MemberRequest) -> HttpResponse:
    actor = actor_of(request)
    actor.require(Permission.MANAGE_PROJECTS, request.organization)
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            project = create_project(
                request.organization, name=form.cleaned_data["name"], actor=actor, now=timezone.now()
            )
        except ProjectNameTaken as refusal:
            form.add_error("name", refusal.detail)
        else:
            messages.success(request, f"“{project.name}” is there: make a key for it.")
            return redirect("organization")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "organization/project.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@member
def project_page(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Ask for another name."""
    project = get_object_or_404(request.organization.projects, pk=pk)
    actor = actor_of(request)
    actor.require(Permission.MANAGE_PROJECTS, request.organization)
    form = ProjectForm(request.POST or None, initial={"name": project.name})
    if request.method == "POST" and form.is_valid():
        try:
            rename_project(project, name=form.cleaned_data["name"], actor=actor, now=timezone.now())
        except ProjectNameTaken as refusal:
            form.add_error("name", refusal.detail)
        else:
            messages.success(request, "The new name is saved.")
            return redirect("organization")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "organization/project.html", {"form": form, "project": project}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@member
def project_change(request: MemberRequest, pk: UUID, change: ProjectChange) -> HttpResponse:
    """Ask; a post does it."""
    project = get_object_or_404(request.organization.projects, pk=pk)
    actor = actor_of(request)
    actor.require(Permission.MANAGE_PROJECTS, request.organization)
    if request.method == "POST":
        change.act(project, actor=actor, now=timezone.now())
        messages.success(request, f"“{project.name}” {change.done}")
        return redirect("organization")
    keys = ApiKey.objects.of(request.organization).filter(project=project).usable(timezone.now())
    context = {"project": project, "change": change, "keys": keys.count()}
    return render(request, "organization/project_change.html", context)
