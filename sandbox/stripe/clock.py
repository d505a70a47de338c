"""Time passing: one due thing after the other, each in its own transaction, so that a crash loses no step."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from sandbox.stripe.desk import Desk
from sandbox.stripe.lifecycle.tick import happen

if TYPE_CHECKING:
    from sandbox.stripe.settings import Settings
    from sandbox.stripe.store import Store
    from sandbox.stripe.values import Obj

log = logging.getLogger(__name__)
CLOCK = "test_helpers.test_clock"


def step(store: Store, settings: Settings) -> bool:
    """Do the next thing that is due anywhere; answer whether there was one."""
    wall = int(time.time())
    for advancing in store.find(CLOCK, {"status": "advancing"}):
        _advance(store, settings, advancing, wall)
        return True
    found = store.next_due(None, wall) or store.next_due_on_clocks()
    if found is None:
        return False
    _do(store, settings, *found, wall=wall)
    return True


def _advance(store: Store, settings: Settings, ident: str, wall: int) -> None:
    target = (store.load(ident) or {})["status_details"]["advancing"]["target_frozen_time"]
    found = store.next_due(ident, target)
    if found:
        _do(store, settings, *found, wall=wall, clock=ident)
        return
    with store.transaction():
        desk = Desk(store, settings, wall=wall)
        _arrive(desk, desk.need(CLOCK, ident), target)


def _arrive(desk: Desk, clock: Obj, target: int) -> None:
    clock |= {"frozen_time": target, "status": "ready", "status_details": {"advancing": None}}
    desk.save(clock)
    desk.emit("test_helpers.test_clock.ready", clock)


def _do(store: Store, settings: Settings, ident: str, due: int, *, wall: int, clock: str | None = None) -> None:
    try:
        with store.transaction():
            desk = Desk(store, settings, wall=wall)
            if clock:
                frozen = desk.need(CLOCK, clock)
                frozen["frozen_time"] = max(frozen["frozen_time"], due)
                desk.save(frozen)
            happen(desk, desk.load(ident) or {})
    except Exception:
        log.exception("What was due for %s failed; it is left alone from now on.", ident)
        store.put(store.load(ident) or {}, clock=clock, due=None)
