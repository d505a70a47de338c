"""The end of a session that nobody paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk
    from sandbox.stripe.values import Obj


def expire(desk: Desk, session: Obj) -> None:
    """Close an open session for good."""
    session |= {"status": "expired", "url": None}
    desk.save(session)
    desk.emit("checkout.session.expired", session)
