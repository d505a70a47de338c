"""One key: its own page, a change of its limits, and its rotation."""

from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from billing.new_keys import replace_key
from core.errors import Conflict, Invalid
from core.scope import MEANING, Scope
from keys.change import change_key
from keys.hints import hints_of
from keys.models import ApiKey
from keys.permission import permission_for, require_to_manage
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.budget_rows import budgets_of_key
from portal.catalogue import listed_models
from portal.forms.keys import KeyEditForm
from portal.forms.rotation import RotationForm
from portal.key_changes import REVOCATION
from portal.key_rows import last_used_hour, state_of
from portal.rate_labels import labelled
from portal.show_once import show_once


@require_safe
@member
def key_page(request: MemberRequest, pk: UUID) -> HttpResponse:
    key, now = _key_of(request, pk), timezone.now()
    context = {
        "key": key,
        "state": state_of(key, now),
        "hints": hints_of(key, at=now),
        "scopes": [MEANING[Scope(scope)] for scope in key.scopes],
        "freeze": key.freezes.order_by("-frozen_at").first() if key.is_frozen else None,
        "known_hours": settings.VELOCITY_KNOWN_HOURS,
        "is_known": key.velocity_known_until is not None and key.velocity_known_until > now,
        "budgets": budgets_of_key(key, at=now),
        "place": f"key:{key.pk}",
        "may_budget": actor_of(request).can(Permission.MANAGE_BUDGETS, request.organization),
        "rate_limits": labelled(key.limits),
        "last_used": key.last_used_at or last_used_hour(key),
        "replaces": key.replaces.first(),
        "is_usable": key.is_usable(now),
        "revocation": REVOCATION,
        "may_manage": actor_of(request).can(permission_for(key.kind), request.organization),
    }
    return render(request, "keys/key.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member
def key_edit(request: MemberRequest, pk: UUID) -> HttpResponse:
    key, actor = _key_of(request, pk), actor_of(request)
    require_to_manage(actor, key.kind, request.organization)
    form = KeyEditForm(request.POST or None, key=key, models=_models_for(key))
    if request.method == "POST" and form.is_valid():
        try:
            change_key(key, form.terms(), actor=actor, now=timezone.now())
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, f"“{form.cleaned_data['name']}” is changed. Gateways follow within a second.")
            return redirect("key", pk=key.pk)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "keys/edit.html", {"key": key, "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@member
def key_rotation(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Ask how long the old key goes on; then show the new one once."""
    key, actor = _key_of(request, pk), actor_of(request)
    require_to_manage(actor, key.kind, request.organization)
    form = RotationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return show_once(replace_key(key, grace=form.overlap, actor=actor, now=timezone.now()))
    if key.replaced_by_id is not None or not key.is_usable(timezone.now()):
        raise Conflict(f"{key} is not in use, or has been rotated already.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "keys/rotate.html", {"key": key, "form": form}, status=status)


def _key_of(request: MemberRequest, pk: UUID) -> ApiKey:
    keys = ApiKey.objects.of(request.organization).select_related(
        "organization", "project", "created_by", "replaced_by"
    )
    return get_object_or_404(keys, pk=pk)


def _models_for(key: ApiKey) -> list[str]:
    """Those that everybody may know of, and those that the key names already."""
    listed = [each.model.slug for each in listed_models(timezone.now()) if each.prices]
    return list(dict.fromkeys([*listed, *key.model_slugs, *key.denied_model_slugs]))
