"""Naming the servers of a model, changing what they get, and taking them away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.permissions import Permission
from catalog.facts import republish_model
from catalog.models import Model, Upstream
from core.errors import Invalid


class DialectNotOfKind(Invalid):
    code = "dialect_not_of_kind"
    title = "A chat model isn't served by embeddings, nor the other way round"


@transaction.atomic
def add_upstream(upstream: Upstream, *, actor: Actor, now: datetime) -> Upstream:
    """Gateways send requests there when this commits. Raises NotAllowed, DialectNotOfKind."""
    actor.require(Permission.MANAGE_MODELS)
    _refuse_unless_of_kind(upstream)
    upstream.created_at = now
    upstream.save(force_insert=True)
    record(actor, "upstream.added", upstream, at=now, **_shown(upstream))
    republish_model(upstream.model)
    return upstream


@transaction.atomic
def change_upstream(upstream: Upstream, fields: Sequence[str], *, actor: Actor, now: datetime) -> None:
    """Save `fields`; running requests end as they began. Raises NotAllowed, DialectNotOfKind."""
    actor.require(Permission.MANAGE_MODELS)
    _refuse_unless_of_kind(upstream)
    before = Upstream.objects.select_for_update().get(pk=upstream.pk)
    changes = {field: [getattr(before, field), getattr(upstream, field)] for field in fields}
    upstream.save(update_fields=list(fields))
    record(actor, "upstream.changed", upstream, at=now, changes=changes)
    republish_model(upstream.model)


@transaction.atomic
def remove_upstream(upstream: Upstream, *, actor: Actor, now: datetime) -> None:
    """Without any, the model is served by the gateway's MODEL_SERVER_URL again. Raises NotAllowed."""
    actor.require(Permission.MANAGE_MODELS)
    record(actor, "upstream.removed", upstream, at=now, **_shown(upstream))
    upstream.delete()
    republish_model(upstream.model)


def _refuse_unless_of_kind(upstream: Upstream) -> None:
    if upstream.dialect not in Upstream.DIALECTS[Model.Kind(upstream.model.kind)]:
        kind, dialect = upstream.model.get_kind_display(), upstream.get_dialect_display()
        raise DialectNotOfKind(f"{upstream.model} is a model of kind {kind}: {dialect} can't serve it.")


def _shown(upstream: Upstream) -> dict[str, Any]:
    return {
        "url": upstream.base_url,
        "name_there": upstream.model_name,
        "dialect": upstream.dialect,
        "weight": upstream.weight,
        "is_enabled": upstream.is_enabled,
        "credential": upstream.credential,
    }
