"""The start of somebody who is signed in and belongs to no organization, such as a member of staff."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.organizations import organization_of
from portal.access import MemberRequest, signed_in
from portal.actor import actor_of
from portal.show_once import show_once
from portal.start import organization_name, start


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def welcome(request: MemberRequest) -> HttpResponse:
    """Offer an organization and a first key; POST makes them. Newcomers get them at their first sign-in already."""
    if organization_of(request.user):
        return redirect("home")
    if request.method == "POST":
        issued = start(request.user, actor=actor_of(request), now=timezone.now())
        return show_once(issued) if issued else redirect("home")
    return render(request, "welcome/welcome.html", {"name": organization_name(request.user.email)})
