"""Adding a model to the catalogue, and changing how it is offered."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.permissions import Permission
from catalog.facts import republish_model
from catalog.models import Model
from core.errors import Conflict


@transaction.atomic
def add_model(model: Model, *, actor: Actor, now: datetime) -> Model:
    """Save a new model; gateways know it when this commits. Raises NotAllowed."""
    actor.require(Permission.MANAGE_MODELS)
    model.created_at = now
    model.save(force_insert=True)
    record(actor, "model.added", model, at=now, stage=model.stage)
    republish_model(model)
    return model


@transaction.atomic
def change_model(model: Model, fields: Sequence[str], *, actor: Actor, now: datetime) -> None:
    """Save `fields` of `model`; gateways know when this commits. Raises NotAllowed, Conflict for the slug."""
    actor.require(Permission.MANAGE_MODELS)
    if "slug" in fields:
        raise Conflict("Callers know a model by its slug: add another model instead.")
    before = Model.objects.select_for_update().get(pk=model.pk)
    if model.is_deprecated and not before.is_deprecated and "deprecated_at" not in fields:
        model.deprecated_at = now
        fields = [*fields, "deprecated_at"]
    changes = {field: [getattr(before, field), getattr(model, field)] for field in fields}
    model.save(update_fields=fields)
    record(actor, "model.changed", model, at=now, changes=changes)
    republish_model(model)
