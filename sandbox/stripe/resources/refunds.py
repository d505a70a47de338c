"""Refunds, whole or in part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe.params._refund_create_params import RefundCreateParams
from stripe.params._refund_list_params import RefundListParams
from stripe.params._refund_retrieve_params import RefundRetrieveParams

from sandbox.stripe import listing
from sandbox.stripe.errors import invalid, missing_param
from sandbox.stripe.present import present
from sandbox.stripe.routes import LIST, Call, route
from sandbox.stripe.values import Obj, clock_of, merge_metadata

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk


@route("POST", "/v1/refunds", RefundCreateParams, "payment_intent charge amount reason")
def create_refund(call: Call) -> Obj:
    """Give money back; all that is left of a charge unless an amount (cents) is given."""
    desk, params = call.desk, call.params
    charge = _charge(desk, params)
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = params.get("amount", left)
    if amount < 1:
        raise invalid(f"Invalid positive integer: {amount}", code="parameter_invalid_integer", param="amount")
    if amount > left:
        message = f"Refund amount (${amount / 100:.2f}) is greater than unrefunded amount on charge (${left / 100:.2f})"
        raise invalid(message, param="amount")
    refund = _refund(desk, charge, amount, params)
    desk.emit("refund.created", refund)
    with desk.changing(charge, "charge.refunded"):
        charge |= {"amount_refunded": charge["amount_refunded"] + amount, "refunded": amount == left}
    return present(desk, refund)


def _charge(desk: Desk, params: Obj) -> Obj:
    if "charge" in params:
        charge = desk.need("charge", params["charge"], param="charge")
    elif "payment_intent" in params:
        intent = desk.need("payment_intent", params["payment_intent"], param="payment_intent")
        if intent["status"] != "succeeded":
            raise invalid("This PaymentIntent does not have a successful charge to refund.", param="payment_intent")
        charge = desk.need("charge", intent["latest_charge"])
    else:
        raise missing_param("charge")
    if charge["status"] != "succeeded":
        raise invalid("This charge did not succeed, so it cannot be refunded.", param="charge")
    return charge


def _refund(desk: Desk, charge: Obj, amount: int, params: Obj) -> Obj:
    return desk.add(
        "refund",
        "re_",
        clock=clock_of(charge),
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        customer=charge["customer"],
        destination_details={"type": "card", "card": {"type": "refund", "reference_status": "pending"}},
        metadata=merge_metadata({}, params.get("metadata")),
        payment_intent=charge["payment_intent"],
        payment_method=charge["payment_method"],
        reason=params.get("reason"),
        status="succeeded",
    )


@route("GET", "/v1/refunds/{id}", RefundRetrieveParams)
def retrieve_refund(call: Call) -> Obj:
    """Answer a refund."""
    return present(call.desk, call.desk.need("refund", call.id))


@route("GET", "/v1/refunds", RefundListParams, LIST + " charge payment_intent")
def list_refunds(call: Call) -> Obj:
    """List refunds, of one payment for instance."""
    query = listing.Query("refund")
    query.equal("charge", call.params.get("charge"))
    query.equal("payment_intent", call.params.get("payment_intent"))
    return listing.answer(call, query)
