"""PaymentMethods: made from test cards, attached to customers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sandbox.stripe.cards import BY_NUMBER, BY_TOKEN, message_of
from sandbox.stripe.errors import StripeError, invalid, not_here
from sandbox.stripe.values import Obj, clock_of, hidden

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

EXPIRY = (12, 2034)


def new_method(
    desk: Desk,
    number: str,
    *,
    clock: str | None,
    expiry: tuple[int, int] = EXPIRY,
    billing: Obj | None = None,
    **fields: object,
) -> Obj:
    """Make a PaymentMethod of a test card's number; any other number is refused as Stripe's test mode does."""
    card = BY_NUMBER.get(number)
    if card is None:
        raise StripeError(
            "Your card number is incorrect.", status=402, kind="card_error", code="incorrect_number", param="number"
        )
    fingerprint = hashlib.sha256(number.encode()).hexdigest()[:16]
    return desk.add(
        "payment_method",
        "pm_",
        clock=clock,
        type="card",
        allow_redisplay="unspecified",
        billing_details=billing or {},
        card={
            "brand": card.brand,
            "display_brand": card.brand,
            "checks": {"cvc_check": "unchecked"},
            "country": "US",
            "exp_month": expiry[0],
            "exp_year": expiry[1],
            "fingerprint": fingerprint,
            "funding": "debit" if "debit" in "".join(card.tokens) else "credit",
            "last4": number[-4:],
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
        },
        metadata=fields.pop("metadata", {}),
        radar_options={},
        _={"number": number},
        **fields,
    )


def resolve_method(desk: Desk, ident: str, *, clock: str | None, param: str) -> Obj:
    """Answer the PaymentMethod of an id, or a new one of a test token such as `pm_card_visa`."""
    if ident in BY_TOKEN:
        return new_method(desk, BY_TOKEN[ident].number, clock=clock)
    if ident.startswith(("pm_card_", "tok_")):
        raise not_here(f"The test token {ident}")
    return desk.need("payment_method", ident, param=param)


def attach(desk: Desk, method: Obj, customer: Obj, *, tell: bool = True) -> None:
    """Give a card to a customer. Cards that decline are refused here, all but the one that fails later."""
    card = BY_NUMBER[hidden(method)["number"]]
    if hidden(method).get("detached"):
        message = (
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
            "Customer, and may not be used again."
        )
        raise invalid(message, param="payment_method")
    if method["customer"] not in (None, customer["id"]):
        raise invalid(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    if card.decline and not card.attaches:
        code, decline_code = card.decline
        message = message_of(code, decline_code)
        raise StripeError(message, status=402, kind="card_error", code=code, decline_code=decline_code)
    method["customer"] = customer["id"]
    method["card"]["checks"]["cvc_check"] = "pass"
    hidden(method)["clock"] = clock_of(customer)
    desk.save(method)
    if tell:
        desk.emit("payment_method.attached", method)


def detach(desk: Desk, method: Obj) -> None:
    """Take a card from its customer and from everything that would charge it."""
    owner = method["customer"]
    customer = desk.need("customer", owner)
    for sub in desk.find("subscription", customer=owner, default_payment_method=method["id"]):
        with desk.changing(sub, "customer.subscription.updated"):
            sub["default_payment_method"] = None
    with desk.changing(customer, "customer.updated"):
        settings = customer["invoice_settings"]
        if settings["default_payment_method"] == method["id"]:
            settings["default_payment_method"] = None
    hidden(method)["detached"] = True
    with desk.changing(method, "payment_method.detached"):
        method["customer"] = None
