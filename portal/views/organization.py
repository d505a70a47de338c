"""The organization: its name, and who belongs to it."""

from http import HTTPStatus

from django.contrib import messages
from django.db import transaction
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from accounts.rename import rename_organization
from billing.allowance import republish_organization
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.forms.organization import OrganizationForm


@require_http_methods(["GET", "HEAD", "POST"])
@member
def organization(request: MemberRequest) -> HttpResponse:
    form = OrganizationForm(request.POST or None, initial={"name": request.organization.name})
    if request.method == "POST" and form.is_valid():
        _rename(request, form.cleaned_data["name"])
        messages.success(request, "The new name is saved.")
        return redirect("organization")
    context = {
        "form": form,
        "may_rename": actor_of(request).can(Permission.MANAGE_ORGANIZATION, request.organization),
        "may_manage_projects": actor_of(request).can(Permission.MANAGE_PROJECTS, request.organization),
        "members": request.organization.memberships.select_related("user").order_by("created_at"),
        "projects": request.organization.projects.order_by(F("archived_at").asc(nulls_first=True), "created_at"),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "organization/organization.html", context, status=status)


@transaction.atomic
def _rename(request: MemberRequest, name: str) -> None:
    """Rename, and tell the gateways, whose refusals name the organization."""
    rename_organization(request.organization, name=name, actor=actor_of(request), now=timezone.now())
    republish_organization(request.organization.pk)
