"""Changes of a key's state: each is a page that asks, and a POST to the same address that does it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from keys.disable import disable_key, enable_key
from keys.models import ApiKey
from keys.revoke import revoke_key
from portal.access import MemberRequest, member
from portal.actor import actor_of


@dataclass(frozen=True, slots=True)
class KeyChange:
    """An action on a key, and the words around it. `button` is the style of the button that does it."""

    act: Callable[..., ApiKey]
    verb: str
    consequence: str
    done: str
    button: str


REVOCATION = KeyChange(
    revoke_key,
    verb="Revoke",
    consequence="Programs that use it are refused within a second, for ever. This cannot be taken back.",
    done="is revoked.",
    button="danger",
)
DISABLEMENT = KeyChange(
    disable_key,
    verb="Disable",
    consequence="Programs that use it are refused within a second, until you enable it again.",
    done="is disabled.",
    button="primary",
)
ENABLEMENT = KeyChange(
    enable_key,
    verb="Enable",
    consequence="Programs that hold it can call the models again.",
    done="is enabled.",
    button="primary",
)


@require_http_methods(["GET", "HEAD", "POST"])
@member
def key_change(request: MemberRequest, pk: UUID, change: KeyChange) -> HttpResponse:
    key = get_object_or_404(ApiKey.objects.of(request.organization), pk=pk)
    actor = actor_of(request)
    if request.method == "POST":
        change.act(key, actor=actor, now=timezone.now())
        messages.success(request, f"“{key.name}” {change.done}")
        return redirect("keys")
    actor.require(Permission.MANAGE_KEYS, request.organization)
    return render(request, "keys/change.html", {"key": key, "change": change})
