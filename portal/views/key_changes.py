"""Changes of a key's state: each is a page that asks, and a POST to the same address that does it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from keys.models import ApiKey
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.key_changes import KeyChange
from portal.key_rows import state_of


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
    return render(request, "keys/change.html", {"key": key, "state": state_of(key, timezone.now()), "change": change})
