"""The pages that a browser opens: Checkout and the bank's question."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.stripe.checkout.authenticate import authenticate
from sandbox.stripe.checkout.complete import due, submit
from sandbox.stripe.checkout.expire import expire
from sandbox.stripe.checkout.invoice import PAYABLE, invoice_context, pay_with
from sandbox.stripe.checkout.page import COUNTRIES, HINTS, context, needs_card, read
from sandbox.stripe.desk import Desk
from sandbox.stripe.errors import StripeError
from sandbox.stripe.values import Obj, clock_of, hidden

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.stripe.settings import Settings
    from sandbox.stripe.store import Store

TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True
)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
UNPROCESSABLE = 422


class Pages:
    """Each method is one request, called with the state to itself."""

    def __init__(self, store: Store, settings: Settings) -> None:
        """Serve from this state."""
        self.store = store
        self.settings = settings

    def show(self, ident: str) -> Response:
        """Show the page of an open session."""
        with self.store.transaction():
            desk = self._desk()
            session = _session(desk, ident)
            if session is None or session["status"] != "open":
                return _closed(session)
            return _page(desk, session, values={}, errors={})

    def pay(self, ident: str, form: Mapping[str, str]) -> Response:
        """Take the form: redirect to the product, or show what was wrong."""
        with self.store.transaction():
            desk = self._desk()
            session = _session(desk, ident)
            if session is None or session["status"] != "open":
                return _closed(session)
            payer = None
            if needs_card(session, due(desk, session)):
                payer, errors = read(form, email=(session["customer_details"] or {}).get("email"))
                if payer is None:
                    return _page(desk, session, values=form, errors=errors)
            try:
                intent = submit(desk, session, payer)
            except StripeError as error:
                return _page(desk, session, values=form, errors={"card": error.message})
            if intent:
                return _go(f"/3ds/{intent['id']}")
            return _go(success_url(session))

    def show_invoice(self, ident: str, secret: str) -> Response:
        """Show a finalized invoice to whoever has its link."""
        with self.store.transaction():
            desk = self._desk()
            invoice = _invoice(desk, ident, secret)
            return _invoice_page(desk, invoice, values={}, errors={}) if invoice else _closed(None)

    def pay_invoice(self, ident: str, secret: str, form: Mapping[str, str]) -> Response:
        """Take a card for an open invoice."""
        with self.store.transaction():
            desk = self._desk()
            invoice = _invoice(desk, ident, secret)
            if invoice is None or invoice["status"] not in PAYABLE:
                return _invoice_page(desk, invoice, values={}, errors={}) if invoice else _closed(None)
            payer, errors = read(form, email=invoice["customer_email"] or "unknown@invalid")
            if payer is None:
                return _invoice_page(desk, invoice, values=form, errors=errors)
            try:
                asked = pay_with(desk, invoice, payer)
            except StripeError as error:
                return _invoice_page(desk, invoice, values=form, errors={"card": error.message})
            return _go(f"/3ds/{asked['id']}" if asked else f"/i/{ident}/{secret}")

    def ask(self, ident: str) -> Response:
        """Show the bank's question."""
        with self.store.transaction():
            intent = self._desk().load(ident)
        if intent is None or intent.get("status") != "requires_action":
            return _closed(None)
        return HTMLResponse(TEMPLATES.get_template("authenticate.html").render(), headers=HEADERS)

    def answer(self, ident: str, form: Mapping[str, str]) -> Response:
        """Take the cardholder's answer and go on where the payment began."""
        with self.store.transaction():
            desk = self._desk()
            intent = desk.load(ident)
            if intent is None or intent.get("status") != "requires_action":
                return _closed(None)
            try:
                session = authenticate(desk, intent, agreed=form.get("answer") == "complete")
            except StripeError as error:
                session = desk.load(hidden(intent).get("session") or "")
                if session:
                    return _page(desk, session, values={}, errors={"card": error.message})
            if session:
                return _go(success_url(session))
            return _go(hidden(intent).get("return_url") or "/healthz")

    def _desk(self) -> Desk:
        return Desk(self.store, self.settings, wall=int(time.time()))


def _session(desk: Desk, ident: str) -> Obj | None:
    session = desk.load(ident)
    if session is None or session["object"] != "checkout.session":
        return None
    if session["status"] == "open" and session["expires_at"] <= desk.now(clock_of(session)):
        expire(desk, session)
    return session


def _invoice(desk: Desk, ident: str, secret: str) -> Obj | None:
    invoice = desk.load(ident)
    fits = invoice is not None and invoice["object"] == "invoice" and hidden(invoice).get("secret") == secret
    return invoice if fits else None


def _invoice_page(desk: Desk, invoice: Obj, *, values: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    shown = invoice_context(desk, invoice) | {"values": values, "errors": errors, "countries": COUNTRIES}
    shown |= {"payable": invoice["status"] in PAYABLE, "hints": HINTS}
    body = TEMPLATES.get_template("invoice.html").render(shown)
    return HTMLResponse(body, status_code=UNPROCESSABLE if errors else 200, headers=HEADERS)


def success_url(session: Obj) -> str:
    """Answer where a paid session leads, with the session's id filled in."""
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _page(desk: Desk, session: Obj, *, values: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    shown = context(desk, session, values=values, errors=errors)
    body = TEMPLATES.get_template("checkout.html").render(shown)
    return HTMLResponse(body, status_code=UNPROCESSABLE if errors else 200, headers=HEADERS)


def _closed(session: Obj | None) -> Response:
    body = TEMPLATES.get_template("closed.html").render(session=session)
    return HTMLResponse(body, status_code=410 if session else 404, headers=HEADERS)


def _go(url: str) -> Response:
    return RedirectResponse(url, status_code=303, headers={"Cache-Control": "no-store"})
