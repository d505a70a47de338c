"""The hosted page: what it shows, and what its form must hold."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from sandbox.stripe.checkout.complete import Payer, due
from sandbox.stripe.money import money_text
from sandbox.stripe.values import Obj, hidden

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.stripe.desk import Desk

HINTS = (
    ("4242 4242 4242 4242", "is accepted"),
    ("4000 0000 0000 0341", "is accepted now, fails at the next renewal"),
    ("4000 0000 0000 0002", "is declined"),
    ("4000 0000 0000 9995", "has insufficient funds"),
    ("4000 0025 0000 3155", "asks for authentication"),
)
COUNTRIES = {
    "US": "United States",
    "GB": "United Kingdom",
    "DE": "Germany",
    "FR": "France",
    "ES": "Spain",
    "IT": "Italy",
    "NL": "Netherlands",
    "SE": "Sweden",
    "CH": "Switzerland",
    "CA": "Canada",
    "AU": "Australia",
    "IN": "India",
    "JP": "Japan",
    "SG": "Singapore",
}
MIN_CARD, MAX_CARD = 13, 19
CVC_LENGTHS = (3, 4)
MONTHS = 12


class Filled(NamedTuple):
    """A form as it was sent: the payer, or what is wrong with which field."""

    payer: Payer | None
    errors: dict[str, str]


def context(desk: Desk, session: Obj, *, values: Mapping[str, str], errors: Mapping[str, str]) -> Obj:
    """Answer what the template shows."""
    total, currency = due(desk, session), session["currency"]
    whole = session["amount_total"] or 0
    return {
        "session": session,
        "items": [_item(item) for item in hidden(session)["items"]],
        "subtotal": money_text(whole, currency),
        "credit": money_text(total - whole, currency) if total < whole else None,
        "total": money_text(total, currency),
        "mode": session["mode"],
        "subscribes": session["mode"] == "subscription",
        "needs_card": needs_card(session, total),
        "verb": _verb(session, total),
        "email": (session["customer_details"] or {}).get("email"),
        "values": values,
        "errors": errors,
        "hints": HINTS,
        "countries": COUNTRIES,
    }


def needs_card(session: Obj, total: int) -> bool:
    """Answer whether the page asks for a card: also for a free plan, unless the session says otherwise."""
    return total > 0 or session["payment_method_collection"] == "always"


def _verb(session: Obj, total: int) -> str:
    if session["mode"] == "subscription":
        return "Subscribe"
    if session["mode"] == "setup":
        return "Save card"
    return f"Pay {money_text(total, session['currency'])}"


def _item(item: Obj) -> Obj:
    price, quantity = item["price"], item["quantity"]
    every = ""
    if price["recurring"]:
        interval, number = price["recurring"]["interval"], price["recurring"]["interval_count"]
        every = f"per {interval}" if number == 1 else f"every {number} {interval}s"
    each = money_text(price["unit_amount"], item["currency"]) if price["unit_amount"] is not None else ""
    return {
        "name": item["description"],
        "quantity": quantity,
        "each": each,
        "every": every,
        "amount": money_text(item["amount_total"], item["currency"]),
    }


def read(form: Mapping[str, str], *, email: str | None) -> Filled:
    """Answer the payer, or an error for each field that is not right."""
    errors: dict[str, str] = {}
    number = "".join(digit for digit in form.get("number", "") if digit.isdecimal())
    expiry = _expiry(form.get("expiry", ""))
    address = email or form.get("email", "").strip()
    if "@" not in address:
        errors["email"] = "Enter your email address."
    if not MIN_CARD <= len(number) <= MAX_CARD:
        errors["number"] = "Your card number is incomplete."
    if expiry is None:
        errors["expiry"] = "Enter the expiry date as MM/YY."
    elif _is_past(expiry):
        errors["expiry"] = "Your card's expiry date is in the past."
    cvc = form.get("cvc", "").strip()
    if not cvc.isdecimal() or len(cvc) not in CVC_LENGTHS:
        errors["cvc"] = "Your card's security code is incomplete."
    if not form.get("name", "").strip():
        errors["name"] = "Enter the name on the card."
    if errors or expiry is None:
        return Filled(None, errors)
    where = {"country": form.get("country") or None, "postal_code": form.get("postal_code", "").strip() or None}
    return Filled(Payer(address, form["name"].strip(), number, expiry, where), {})


def _expiry(text: str) -> tuple[int, int] | None:
    digits = "".join(char for char in text if char.isdecimal())
    if len(digits) not in (4, 6):
        return None
    month, year = int(digits[:2]), int(digits[2:])
    return (month, year if len(digits) == len("MMYYYY") else 2000 + year) if 1 <= month <= MONTHS else None


def _is_past(expiry: tuple[int, int]) -> bool:
    today = datetime.fromtimestamp(time.time(), UTC)
    return (expiry[1], expiry[0]) < (today.year, today.month)
