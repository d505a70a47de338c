"""Prices, per unit; recurring ones are licensed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from stripe.params._price_create_params import PriceCreateParams
from stripe.params._price_list_params import PriceListParams
from stripe.params._price_retrieve_params import PriceRetrieveParams
from stripe.params._price_update_params import PriceUpdateParams

from sandbox.stripe import listing
from sandbox.stripe.errors import invalid, missing_param, not_here
from sandbox.stripe.present import present
from sandbox.stripe.resources.products import new_product
from sandbox.stripe.routes import LIST, Call, route
from sandbox.stripe.values import Obj, merge_metadata

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

FIELDS = "active nickname lookup_key transfer_lookup_key tax_behavior"
AMOUNTS = "currency product product_data unit_amount unit_amount_decimal billing_scheme recurring.interval "
AMOUNTS += "recurring.interval_count recurring.usage_type"
MAX_DECIMALS = 12


@route("POST", "/v1/prices", PriceCreateParams, f"{FIELDS} {AMOUNTS}")
def create_price(call: Call) -> Obj:
    """Make a price; it never changes its amount again."""
    params = call.params
    if "product_data" in params:
        product = new_product(call.desk, params["product_data"])
    elif "product" in params:
        product = call.desk.need("product", params["product"], param="product")
    else:
        raise missing_param("product")
    if params.get("billing_scheme", "per_unit") != "per_unit":
        raise not_here("Tiered pricing")
    _claim_lookup_key(call.desk, params)
    return present(call.desk, new_price(call.desk, product, params))


def new_price(desk: Desk, product: Obj, params: Obj, *, active: bool = True) -> Obj:
    """Make a price of these parameters (amounts in cents) and tell of it."""
    unit_amount, decimal = _amounts(params)
    recurring = params.get("recurring")
    price = desk.add(
        "price",
        "price_",
        clock=None,
        active=params.get("active", active),
        billing_scheme="per_unit",
        currency=params["currency"].lower(),
        lookup_key=params.get("lookup_key"),
        metadata=merge_metadata({}, params.get("metadata")),
        nickname=params.get("nickname"),
        product=product["id"],
        recurring=_recurring(recurring) if recurring else None,
        tax_behavior=params.get("tax_behavior", "unspecified"),
        type="recurring" if recurring else "one_time",
        unit_amount=unit_amount,
        unit_amount_decimal=decimal,
    )
    desk.emit("price.created", price)
    return price


def inline_price(desk: Desk, data: Obj, *, param: str) -> Obj:
    """Make the price of a `price_data` parameter: used once, not active."""
    if "product_data" in data:
        product = new_product(desk, data["product_data"])
    elif "product" in data:
        product = desk.need("product", data["product"], param=f"{param}[product]")
    else:
        raise missing_param(f"{param}[product]")
    return new_price(desk, product, data, active=False)


def _amounts(params: Obj) -> tuple[int | None, str]:
    if "unit_amount" in params:
        return params["unit_amount"], str(params["unit_amount"])
    if "unit_amount_decimal" not in params:
        raise missing_param("unit_amount")
    exact = Decimal(params["unit_amount_decimal"])
    exponent = exact.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > MAX_DECIMALS:
        raise invalid(f"Invalid decimal: at most {MAX_DECIMALS} decimal places.", param="unit_amount_decimal")
    whole = int(exact) if exact == exact.to_integral_value() else None
    return whole, format(exact, "f")


def _recurring(given: Obj) -> Obj:
    if given.get("usage_type", "licensed") != "licensed":
        raise not_here("Metered usage")
    return {"usage_type": "licensed", "interval_count": 1} | given


def _claim_lookup_key(desk: Desk, params: Obj) -> None:
    key = params.get("lookup_key")
    if not key:
        return
    for holder in desk.find("price", lookup_key=key):
        if not params.get("transfer_lookup_key"):
            message = f"A price (`{holder['id']}`) already uses that lookup key."
            raise invalid(message, param="lookup_key", code="resource_already_exists")
        with desk.changing(holder, "price.updated"):
            holder["lookup_key"] = None


@route("GET", "/v1/prices/{id}", PriceRetrieveParams)
def retrieve_price(call: Call) -> Obj:
    """Answer a price."""
    return present(call.desk, call.desk.need("price", call.id))


@route("POST", "/v1/prices/{id}", PriceUpdateParams, FIELDS)
def update_price(call: Call) -> Obj:
    """Change what can change: name, lookup key, whether it is active."""
    price = call.desk.need("price", call.id)
    if call.params.get("lookup_key") != price["lookup_key"]:
        _claim_lookup_key(call.desk, call.params)
    with call.desk.changing(price, "price.updated"):
        for key in ("active", "nickname", "lookup_key", "tax_behavior"):
            if key in call.params:
                price[key] = None if call.params[key] == "" else call.params[key]
        price["metadata"] = merge_metadata(price["metadata"], call.params.get("metadata"))
    return present(call.desk, price)


@route("GET", "/v1/prices", PriceListParams, LIST + " active currency lookup_keys product type recurring.interval")
def list_prices(call: Call) -> Obj:
    """List prices, by lookup keys for instance."""
    query = listing.Query("price")
    for name in ("active", "currency", "product", "type"):
        query.equal(name, call.params.get(name))
    query.equal("recurring.interval", call.params.get("recurring", {}).get("interval"))
    query.any_of("lookup_key", call.params.get("lookup_keys"))
    return listing.answer(call, query)
