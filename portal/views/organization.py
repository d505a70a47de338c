"""The organization: its name, and who belongs to it."""

from django.http import HttpResponse
from django.shortcuts import render

from portal.access import MemberRequest, member


@member
def organization(request: MemberRequest) -> HttpResponse:
    members = request.organization.memberships.select_related("user").order_by("created_at")
    return render(request, "organization/organization.html", {"members": members})
