"""Checkout in setup mode: a card is saved for later, nothing is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.cards import message_of
from sandbox.stripe.errors import StripeError
from sandbox.stripe.ids import new_id, random_text
from sandbox.stripe.lifecycle.cards import attach
from sandbox.stripe.lifecycle.payments import asks_authentication, card_of
from sandbox.stripe.values import Obj, clock_of, hidden, merge_metadata, public

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk


def save_card(desk: Desk, session: Obj, customer: Obj | None, method: Obj) -> Obj:
    """Set a card up; answer the SetupIntent, succeeded or waiting for the cardholder. A refused card raises 402."""
    setup = _setup_intent(desk, session, customer)
    card = card_of(method)
    if card.decline and not card.attaches:
        _fail(desk, setup, method, *card.decline)
    if asks_authentication(card, method, off_session=False):
        url = f"{desk.settings.public_url}/3ds/{setup['id']}"
        action = {"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": None}}
        setup |= {"status": "requires_action", "payment_method": method["id"], "next_action": action}
        desk.save(setup)
        desk.emit("setup_intent.requires_action", setup)
    else:
        succeed(desk, setup, method)
    return setup


def succeed(desk: Desk, setup: Obj, method: Obj) -> None:
    """Note that a card may be charged off-session from now on."""
    setup |= {"status": "succeeded", "payment_method": method["id"], "next_action": None, "last_setup_error": None}
    desk.save(setup)
    hidden(method)["set_up"] = True
    desk.save(method)
    desk.emit("setup_intent.succeeded", setup)


def complete_setup(desk: Desk, session: Obj, customer: Obj | None, intent: Obj | None, method: Obj | None) -> None:
    """Give the card to the customer. It becomes nobody's default: that is for the caller to say."""
    if customer and method and method["customer"] is None:
        attach(desk, method, customer)
    session["setup_intent"] = intent and intent["id"]


def _setup_intent(desk: Desk, session: Obj, customer: Obj | None) -> Obj:
    known = hidden(session).get("intent")
    if known:
        return desk.need("setup_intent", known)
    ident, data = new_id("seti_"), hidden(session)["data"]
    setup = desk.add(
        "setup_intent",
        "seti_",
        clock=clock_of(session),
        id=ident,
        client_secret=f"{ident}_secret_{random_text(25)}",
        customer=customer and customer["id"],
        description=data.get("description"),
        metadata=merge_metadata({}, data.get("metadata")),
        payment_method_options={"card": {"request_three_d_secure": "automatic"}},
        payment_method_types=["card"],
        status="requires_payment_method",
        usage="off_session",
        _={"session": session["id"]},
    )
    hidden(session)["intent"] = ident
    desk.save(session)
    desk.emit("setup_intent.created", setup)
    return setup


def _fail(desk: Desk, setup: Obj, method: Obj, code: str, decline_code: str | None) -> None:
    message = message_of(code, decline_code)
    error = {"type": "card_error", "code": code, "message": message, "payment_method": public(method)}
    if decline_code:
        error["decline_code"] = decline_code
    setup |= {"status": "requires_payment_method", "payment_method": None, "last_setup_error": error}
    desk.save(setup)
    desk.emit("setup_intent.setup_failed", setup)
    raise StripeError(message, status=402, kind="card_error", keep=True, code=code, decline_code=decline_code)
