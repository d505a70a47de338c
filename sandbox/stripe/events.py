"""Events: what happened, with the object as it was at that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe import webhooks
from sandbox.stripe.ids import new_id
from sandbox.stripe.present import present
from sandbox.stripe.settings import API_VERSION
from sandbox.stripe.shapes import make
from sandbox.stripe.values import clock_of

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk
    from sandbox.stripe.values import Obj


def record(desk: Desk, kind: str, obj: Obj, *, previous_attributes: Obj | None) -> None:
    """Write the event at the time of the object's own clock, and one delivery for each endpoint that listens."""
    data: Obj = {"object": present(desk, obj)}
    if previous_attributes is not None:
        data["previous_attributes"] = previous_attributes
    event = make(
        "event",
        id=new_id("evt_"),
        api_version=API_VERSION,
        created=desk.now(clock_of(obj)),
        data=data,
        request=dict(desk.request),
        type=kind,
        pending_webhooks=0,
    )
    if previous_attributes is None:
        del event["data"]["previous_attributes"]
    event["pending_webhooks"] = webhooks.queue(desk, event)
    desk.store.put(event, clock=None, due=None)
