"""Who may see a page: `@member` lets in whoever is signed in and belongs to an organization."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from accounts.models import Membership, Organization, User
from accounts.organizations import current_membership

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request of a member: `organization` is the current one. A page looks for its objects in there alone."""

    user: User
    membership: Membership
    organization: Organization


MemberView = Callable[Concatenate[MemberRequest, P], HttpResponseBase]
AnyView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def member(view: MemberView[P]) -> AnyView[P]:
    """Send visitors to the sign-in page, and people without an organization to the page that makes one."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return _to_sign_in(request)
        membership = current_membership(request.user)
        if membership is None:
            return _to_page(reverse("welcome")) if HtmxDetails(request) else redirect("welcome")
        member_request = cast("MemberRequest", request)
        member_request.membership = membership
        member_request.organization = membership.organization
        return view(member_request, *args, **kwargs)

    return guarded


def signed_in(view: Callable[Concatenate[MemberRequest, P], HttpResponseBase]) -> AnyView[P]:
    """Send visitors to the sign-in page; an organization is not asked for."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return _to_sign_in(request)
        return view(cast("MemberRequest", request), *args, **kwargs)

    return guarded


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Lead to the sign-in page and back. A part that asks after the session has ended leads its whole page there."""
    htmx = HtmxDetails(request)
    if not htmx:
        return redirect_to_login(request.get_full_path())
    return _to_page(redirect_to_login(htmx.current_url_abs_path or reverse("home")).url)


def _to_page(url: str) -> HttpResponse:
    """Have htmx go there: a redirect would put that page into the part which asked."""
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": url})
