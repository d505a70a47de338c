"""What every template knows."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Membership, Organization, User
from accounts.organizations import current_membership
from accounts.permissions import PERMISSIONS_OF
from portal.navigation import Link, app_links, public_links


def portal(request: HttpRequest) -> dict[str, Any]:
    @cache
    def membership() -> Membership | None:
        return _current_membership(request)

    return {
        "brand": settings.BRAND_NAME,
        "demo": settings.DEMO,
        "navigation": {
            "public": public_links(request.path),
            "app": SimpleLazyObject(lambda: _app_links(request, membership())),
        },
        "organization": SimpleLazyObject(lambda: _organization_of(membership())),
    }


def _current_membership(request: HttpRequest) -> Membership | None:
    """Answer the one that the view's decorator has found already, without a second query."""
    found = getattr(request, "membership", None)
    if isinstance(found, Membership):
        return found
    user = getattr(request, "user", None)
    return current_membership(user) if isinstance(user, User) else None


def _organization_of(membership: Membership | None) -> Organization | None:
    return membership.organization if membership else None


def _app_links(request: HttpRequest, membership: Membership | None) -> Sequence[Link]:
    """Answer the sidebar of the person's role: what a page would refuse is not offered."""
    return app_links(request.path, PERMISSIONS_OF[membership.role] if membership else frozenset())
