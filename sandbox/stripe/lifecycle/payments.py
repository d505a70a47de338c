"""A PaymentIntent and its charges: what a card does when it is asked for money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.stripe.cards import BY_NUMBER, Card, message_of
from sandbox.stripe.errors import StripeError
from sandbox.stripe.ids import new_id, random_text
from sandbox.stripe.present import present
from sandbox.stripe.values import Obj, clock_of, hidden, public

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

AUTHENTICATION = "authentication_required"


@dataclass(frozen=True)
class Decline:
    """Why a charge failed."""

    code: str
    decline_code: str | None
    message: str
    charge: str | None = None

    def error(self, desk: Desk, intent: Obj, *, method: str | None = None, keep: bool = True) -> StripeError:
        """Answer the 402 that tells of it; `keep` says that the failed charge stays in the books."""
        card = desk.load(method) if method else None
        return StripeError(
            self.message,
            status=402,
            kind="card_error",
            keep=keep,
            code=self.code,
            decline_code=self.decline_code,
            charge=self.charge,
            payment_intent=present(desk, intent),
            payment_method=public(card) if card else None,
        )


def create_intent(
    desk: Desk,
    *,
    amount: int,
    currency: str,
    clock: str | None,
    customer: str | None,
    emit: bool = True,
    **fields: object,
) -> Obj:
    """Make a PaymentIntent that waits for a card. `invoice` among the fields stays hidden, as in the real API."""
    ident = new_id("pi_")
    invoice = fields.pop("invoice", None)
    given: Obj = {
        "payment_method_types": ["card"],
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "capture_method": "automatic_async",
        "confirmation_method": "automatic",
        "status": "requires_payment_method",
        "client_secret": f"{ident}_secret_{random_text(25)}",
    } | fields
    intent = desk.add(
        "payment_intent", "pi_", clock=clock, id=ident, amount=amount, currency=currency, customer=customer, **given
    )
    hidden(intent)["invoice"] = invoice
    desk.save(intent)
    if emit:
        desk.emit("payment_intent.created", intent)
    return intent


def will_decline(method: Obj, *, off_session: bool) -> bool:
    """Answer whether a charge on this card will not simply succeed."""
    card = card_of(method)
    return card.decline is not None or asks_authentication(card, method, off_session=off_session)


def card_of(method: Obj) -> Card:
    """Answer the behaviour of the card behind a PaymentMethod."""
    return BY_NUMBER[hidden(method)["number"]]


def asks_authentication(card: Card, method: Obj, *, off_session: bool) -> bool:
    """Answer whether the bank wants the cardholder; some cards are exempt off-session once they were set up."""
    exempt = off_session and (card.sca == "set_up" or (card.sca == "unless_set_up" and hidden(method).get("set_up")))
    return card.sca != "never" and not exempt


def attempt(desk: Desk, intent: Obj, method: Obj, *, off_session: bool, authenticated: bool = False) -> Decline | None:
    """Charge a card. The PaymentIntent ends succeeded, or requires_action, or (with a Decline) without its card."""
    card = card_of(method)
    asks = asks_authentication(card, method, off_session=off_session) and not authenticated
    if asks and not off_session:
        _ask(desk, intent, method)
        return None
    if asks:
        return _fail(desk, intent, method, (AUTHENTICATION, AUTHENTICATION))
    if card.decline:
        return _fail(desk, intent, method, card.decline)
    _succeed(desk, intent, method)
    return None


def _ask(desk: Desk, intent: Obj, method: Obj) -> None:
    url = f"{desk.settings.public_url}/3ds/{intent['id']}"
    action: Obj = {"type": "redirect_to_url", "redirect_to_url": {"return_url": None, "url": url}}
    if not hidden(intent).get("return_url"):
        action = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url}}
    else:
        action["redirect_to_url"]["return_url"] = hidden(intent)["return_url"]
    intent |= {"status": "requires_action", "payment_method": method["id"], "next_action": action}
    desk.save(intent)
    desk.emit("payment_intent.requires_action", intent)


def _succeed(desk: Desk, intent: Obj, method: Obj) -> None:
    charge = _charge(desk, intent, method, status="succeeded", paid=True, captured=True, balance_transaction=None)
    desk.emit("charge.succeeded", charge)
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
        "payment_method": method["id"],
        "last_payment_error": None,
        "next_action": None,
    }
    desk.save(intent)
    if intent["setup_future_usage"] == "off_session":
        hidden(method)["set_up"] = True
        desk.save(method)
    desk.emit("payment_intent.succeeded", intent)


def _fail(desk: Desk, intent: Obj, method: Obj, why: tuple[str, str | None]) -> Decline:
    code, decline_code = why
    message = message_of(code, decline_code)
    charge = _charge(desk, intent, method, status="failed", failure_code=code, failure_message=message)
    desk.emit("charge.failed", charge)
    error: Obj = {"type": "card_error", "code": code, "decline_code": decline_code, "message": message}
    error |= {"charge": charge["id"], "payment_method": public(method), "payment_method_type": "card"}
    error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
    if decline_code is None:
        del error["decline_code"]
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_payment_error": error,
        "latest_charge": charge["id"],
        "next_action": None,
    }
    desk.save(intent)
    desk.emit("payment_intent.payment_failed", intent)
    return Decline(code, decline_code, message, charge["id"])


def _charge(desk: Desk, intent: Obj, method: Obj, **fields: object) -> Obj:
    failed = fields["status"] == "failed"
    ident = new_id("ch_")
    outcome: Obj = {
        "type": "issuer_declined" if failed else "authorized",
        "network_status": "declined_by_network" if failed else "approved_by_network",
        "seller_message": "The bank declined the payment." if failed else "Payment complete.",
        "risk_level": "normal",
        "risk_score": 20,
    }
    return desk.add(
        "charge",
        "ch_",
        clock=clock_of(intent),
        id=ident,
        amount=intent["amount"],
        amount_captured=0 if failed else intent["amount"],
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        metadata=intent["metadata"],
        billing_details=method["billing_details"],
        calculated_statement_descriptor="SANDBOX",
        fraud_details={},
        outcome=outcome,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={"type": "card", "card": _card_details(method, intent)},
        receipt_url=None if failed else f"{desk.settings.public_url}/receipts/{ident}",
        _={"made": desk.wall},
        **fields,
    )


def _card_details(method: Obj, intent: Obj) -> Obj:
    card = method["card"]
    same = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    return {key: card[key] for key in same} | {"amount_authorized": intent["amount"], "network": card["brand"]}
