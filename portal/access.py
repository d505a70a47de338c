"""Who may see a page: `@member` lets in whoever is signed in and belongs to an organization."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from accounts.models import Organization, User
from accounts.organizations import organization_of

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request of a member: `organization` is the current one. A page looks for its objects in there alone."""

    user: User
    organization: Organization


MemberView = Callable[Concatenate[MemberRequest, P], HttpResponseBase]
AnyView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def member(view: MemberView[P]) -> AnyView[P]:
    """Send visitors to the sign-in page, and people without an organization to the page that makes one."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        organization = organization_of(request.user)
        if organization is None:
            return redirect("welcome")
        member_request = cast("MemberRequest", request)
        member_request.organization = organization
        return view(member_request, *args, **kwargs)

    return guarded


def signed_in(view: Callable[Concatenate[MemberRequest, P], HttpResponseBase]) -> AnyView[P]:
    """Send visitors to the sign-in page; an organization is not asked for."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        return view(cast("MemberRequest", request), *args, **kwargs)

    return guarded
