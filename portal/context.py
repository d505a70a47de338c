"""What every template knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Organization, User
from accounts.organizations import organization_of
from portal.navigation import navigation_at


def portal(request: HttpRequest) -> dict[str, Any]:
    return {
        "brand": settings.BRAND_NAME,
        "demo": settings.DEMO,
        "navigation": navigation_at(request.path),
        "organization": SimpleLazyObject(lambda: _current_organization(request)),
    }


def _current_organization(request: HttpRequest) -> Organization | None:
    """Answer the one that the view's decorator has found already, without a second query."""
    found = getattr(request, "organization", None)
    if isinstance(found, Organization):
        return found
    user = getattr(request, "user", None)
    return organization_of(user) if isinstance(user, User) else None
