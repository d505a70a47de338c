"""The desk at which one request or one tick does its work: objects, time and events inside one transaction."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sandbox.stripe import events, shapes
from sandbox.stripe.due import due_at
from sandbox.stripe.errors import no_such
from sandbox.stripe.ids import new_id
from sandbox.stripe.values import Obj, clock_of, hidden, previous, public

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.stripe.settings import Settings
    from sandbox.stripe.store import Filters, Store

LABELS = {
    "test_helpers.test_clock": "test clock",
    "payment_method": "PaymentMethod",
    "checkout.session": "checkout.session",
    "invoiceitem": "invoice item",
    "webhook_endpoint": "webhook endpoint",
}


class Desk:
    """Each object exists once here, so that two rules which touch it see each other's changes."""

    def __init__(self, store: Store, settings: Settings, *, wall: int) -> None:
        """Work at the wall-clock second `wall`; `request` is filled in while a request is served."""
        self.store = store
        self.settings = settings
        self.wall = wall
        self.request: Obj = {"id": None, "idempotency_key": None}
        self._here: dict[str, Obj] = {}

    def now(self, clock: str | None) -> int:
        """Answer the second that it is on a test clock, or on the wall."""
        return int(self.need("test_helpers.test_clock", clock)["frozen_time"]) if clock else self.wall

    def load(self, ident: str) -> Obj | None:
        """Answer the object of this id, deleted or not, or None."""
        if ident not in self._here:
            found = self.store.load(ident)
            if found is None:
                return None
            self._here[ident] = found
        return self._here[ident]

    def need(self, kind: str, ident: str, *, param: str | None = None) -> Obj:
        """Answer a live object of this kind or refuse; `param` names the parameter that held the id."""
        obj = self.load(ident)
        if obj is None or obj["object"] != kind or obj.get("deleted"):
            raise no_such(LABELS.get(kind, kind), ident, param=param)
        return obj

    def find(self, kind: str, /, **filters: object) -> list[Obj]:
        """Answer the live objects of a kind by field, oldest first; `__` in a name stands for a dot."""
        by: Filters = {name.replace("__", "."): value for name, value in filters.items()}
        found = [self.load(ident) for ident in self.store.find(kind, by)]
        return [obj for obj in found if obj is not None and not obj.get("deleted")]

    def add(self, kind: str, prefix: str, /, *, clock: str | None, **fields: object) -> Obj:
        """Make, keep and answer a new object on a clock; the caller says which event tells of it."""
        fields.setdefault("id", new_id(prefix))
        if "created" in shapes.CLASSES[kind].__annotations__:
            fields.setdefault("created", self.now(clock))
        obj = shapes.make(kind, **fields)
        hidden(obj)["clock"] = clock
        self._here[obj["id"]] = obj
        self.save(obj)
        return obj

    def save(self, obj: Obj) -> None:
        """Write a changed object, and when time will next change it."""
        clock = None if obj["object"] == "charge" else clock_of(obj)
        self.store.put(obj, clock=clock, due=None if obj.get("deleted") else due_at(obj))

    def drop(self, obj: Obj) -> None:
        """Forget an object without a trace."""
        self._here.pop(obj["id"], None)
        self.store.remove(obj["id"])

    @contextmanager
    def changing(self, obj: Obj, event: str | None = None) -> Iterator[Obj]:
        """Save what the block changes and, if that is anything, tell of it with the previous values."""
        before = public(obj)
        yield obj
        self.save(obj)
        changes = previous(before, public(obj))
        if event and changes:
            self.emit(event, obj, previous_attributes=changes)

    def emit(self, kind: str, obj: Obj, *, previous_attributes: Obj | None = None) -> None:
        """Record an event with the object as it is now, and queue it for the endpoints that want it."""
        events.record(self, kind, obj, previous_attributes=previous_attributes)
