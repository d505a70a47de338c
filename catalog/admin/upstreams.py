"""The servers of a model, edited on the model's own page."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from unfold.admin import StackedInline

from accounts.actor import Actor
from catalog.edit_upstreams import add_upstream, change_upstream, remove_upstream
from catalog.models import Upstream


class UpstreamInline(StackedInline):  # type: ignore[misc]
    model = Upstream
    extra = 0
    tab = True
    fields = (
        *(("name", "weight"), ("base_url", "model_name"), ("dialect", "credential")),
        *(("connect_timeout", "read_timeout"), "is_enabled"),
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may(request)


def save_upstreams(formset: Any, *, actor: Actor, now: datetime) -> None:
    """Each row that was changed through its action."""
    formset.save(commit=False)
    for upstream in formset.deleted_objects:
        remove_upstream(upstream, actor=actor, now=now)
    for upstream, fields in formset.changed_objects:
        change_upstream(upstream, fields, actor=actor, now=now)
    for upstream in formset.new_objects:
        add_upstream(upstream, actor=actor, now=now)


def _may(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("catalog.change_model"))
