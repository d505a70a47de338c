"""A customer pays on the page: the payment first, then everything that it buys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.stripe.checkout.purchase import complete_payment
from sandbox.stripe.checkout.setup import complete_setup, save_card
from sandbox.stripe.checkout.subscription import amount_due, complete_subscription
from sandbox.stripe.lifecycle.cards import attach, new_method
from sandbox.stripe.lifecycle.payments import attempt, create_intent
from sandbox.stripe.resources.customers import new_customer
from sandbox.stripe.values import Obj, clock_of, hidden

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

FINISH = {"subscription": complete_subscription, "payment": complete_payment, "setup": complete_setup}


@dataclass(frozen=True)
class Payer:
    """What the customer typed; `number` has digits only, `expiry` is (month, year)."""

    email: str
    name: str
    number: str
    expiry: tuple[int, int]
    address: Obj = field(default_factory=dict)

    def billing(self) -> Obj:
        """Answer the billing details that the card gets."""
        blank = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
        return {"email": self.email, "name": self.name, "address": blank | self.address}


def submit(desk: Desk, session: Obj, payer: Payer | None) -> Obj | None:
    """Pay a session; `payer` is None when nothing is due and no card is asked for.

    Answer the PaymentIntent if the bank wants the cardholder first. A declined card raises the 402 that the page
    shows, and leaves the session open.
    """
    customer = _customer(desk, session, payer)
    method = _card(desk, session, payer) if payer else None
    intent = _ask_card(desk, session, customer, method)
    if intent and intent["status"] == "requires_action":
        return intent
    settle(desk, session, customer, intent, method)
    return None


def _ask_card(desk: Desk, session: Obj, customer: Obj | None, method: Obj | None) -> Obj | None:
    """Charge or set up the card, and answer the intent of that; None when there is nothing to ask it."""
    if method is None:
        return None
    if session["mode"] == "setup":
        return save_card(desk, session, customer, method)
    if due(desk, session) == 0:
        if customer:
            attach(desk, method, customer)
        return None
    intent = _intent(desk, session, customer)
    decline = attempt(desk, intent, method, off_session=False)
    if decline:
        raise decline.error(desk, intent)
    return intent


def due(desk: Desk, session: Obj) -> int:
    """Answer what the card will be charged, in cents."""
    return amount_due(desk, session) if session["mode"] == "subscription" else int(session["amount_total"] or 0)


def settle(desk: Desk, session: Obj, customer: Obj | None, intent: Obj | None, method: Obj | None) -> None:
    """Deliver what was paid for, and complete the session."""
    FINISH[session["mode"]](desk, session, customer, intent, method)
    details: Obj = {"email": None, "name": None, "address": None, "phone": None, "tax_exempt": "none", "tax_ids": []}
    billing = method["billing_details"] if method else {}
    details |= {key: billing[key] for key in ("email", "name", "address") if billing.get(key)}
    details["email"] = (customer and customer["email"]) or details["email"]
    session["customer_details"] = (session["customer_details"] or {}) | details
    session["customer_details"].setdefault("business_name", None)
    session["customer_details"].setdefault("individual_name", None)
    session |= {
        "customer": customer and customer["id"],
        "payment_status": "paid" if session["amount_total"] else "no_payment_required",
        "status": "complete",
        "url": None,
    }
    desk.save(session)
    desk.emit("checkout.session.completed", session)


def _card(desk: Desk, session: Obj, payer: Payer) -> Obj:
    return new_method(desk, payer.number, clock=clock_of(session), expiry=payer.expiry, billing=payer.billing())


def customer_of(desk: Desk, session: Obj) -> Obj | None:
    """Answer the customer who is paying, if there is one."""
    ident = session["customer"] or hidden(session).get("customer")
    return desk.load(ident) if ident else None


def _customer(desk: Desk, session: Obj, payer: Payer | None) -> Obj | None:
    customer = customer_of(desk, session)
    if customer:
        _update(desk, customer, hidden(session)["customer_update"], payer)
        return customer
    if session["customer_creation"] != "always":
        return None
    customer = new_customer(desk, clock_of(session))
    if payer:
        customer |= {"email": payer.email, "name": payer.name, "address": payer.billing()["address"]}
    desk.save(customer)
    hidden(session)["customer"] = customer["id"]
    desk.save(session)
    desk.emit("customer.created", customer)
    return customer


def _update(desk: Desk, customer: Obj, choices: Obj, payer: Payer | None) -> None:
    if payer is None:
        return
    with desk.changing(customer, "customer.updated"):
        if customer["email"] is None:
            customer["email"] = payer.email
        if choices.get("name") == "auto":
            customer["name"] = payer.name
        if choices.get("address") == "auto":
            customer["address"] = payer.billing()["address"]


def _intent(desk: Desk, session: Obj, customer: Obj | None) -> Obj:
    known = hidden(session).get("intent")
    if known:
        return desk.need("payment_intent", known)
    subscribes = session["mode"] == "subscription"
    data: Obj = {} if subscribes else dict(hidden(session)["data"])
    if subscribes:
        data = {"description": "Subscription creation", "setup_future_usage": "off_session"}
    intent = create_intent(
        desk,
        amount=due(desk, session),
        currency=session["currency"],
        clock=clock_of(session),
        customer=customer["id"] if customer else None,
        **data,
    )
    hidden(intent)["session"] = session["id"]
    hidden(session)["intent"] = intent["id"]
    desk.save(intent)
    desk.save(session)
    return intent
