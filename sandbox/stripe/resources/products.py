"""Products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe.params._product_create_params import ProductCreateParams
from stripe.params._product_delete_params import ProductDeleteParams
from stripe.params._product_list_params import ProductListParams
from stripe.params._product_retrieve_params import ProductRetrieveParams
from stripe.params._product_update_params import ProductUpdateParams

from sandbox.stripe import listing
from sandbox.stripe.errors import invalid
from sandbox.stripe.present import present
from sandbox.stripe.routes import LIST, Call, route
from sandbox.stripe.values import Obj, merge_metadata

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

PLAIN = (
    "active",
    "description",
    "images",
    "name",
    "shippable",
    "statement_descriptor",
    "tax_code",
    "unit_label",
    "url",
)
FIELDS = " ".join(PLAIN)


@route("POST", "/v1/products", ProductCreateParams, FIELDS + " id type")
def create_product(call: Call) -> Obj:
    """Make a product, under its own id if one is given."""
    ident = call.params.get("id")
    if ident and call.desk.load(ident):
        raise invalid(f"Product already exists: {ident}", param="id", code="resource_already_exists")
    return present(call.desk, new_product(call.desk, call.params))


def new_product(desk: Desk, params: Obj) -> Obj:
    """Make a product of these parameters and tell of it."""
    given = {key: params[key] for key in PLAIN if key in params}
    if params.get("id"):
        given["id"] = params["id"]
    product = desk.add(
        "product",
        "prod_",
        clock=None,
        type=params.get("type", "service"),
        updated=desk.wall,
        metadata=merge_metadata({}, params.get("metadata")),
        **({"active": True} | given),
    )
    desk.emit("product.created", product)
    return product


@route("GET", "/v1/products/{id}", ProductRetrieveParams)
def retrieve_product(call: Call) -> Obj:
    """Answer a product."""
    return present(call.desk, call.desk.need("product", call.id))


@route("POST", "/v1/products/{id}", ProductUpdateParams, FIELDS + " default_price")
def update_product(call: Call) -> Obj:
    """Change what is given."""
    product = call.desk.need("product", call.id)
    if call.params.get("default_price"):
        call.desk.need("price", call.params["default_price"], param="default_price")
    with call.desk.changing(product, "product.updated"):
        product |= {key: call.params[key] or None for key in ("default_price",) if key in call.params}
        product |= {key: call.params[key] for key in PLAIN if key in call.params}
        product["metadata"] = merge_metadata(product["metadata"], call.params.get("metadata"))
        product["updated"] = call.desk.wall
    return present(call.desk, product)


@route("DELETE", "/v1/products/{id}", ProductDeleteParams)
def delete_product(call: Call) -> Obj:
    """Delete a product that has no prices."""
    product = call.desk.need("product", call.id)
    if call.desk.find("price", product=call.id):
        message = "This product cannot be deleted because it has one or more user-created prices."
        raise invalid(message, param="id")
    call.desk.emit("product.deleted", product)
    product["deleted"] = True
    call.desk.save(product)
    return present(call.desk, product)


@route("GET", "/v1/products", ProductListParams, LIST + " active ids")
def list_products(call: Call) -> Obj:
    """List products."""
    query = listing.Query("product")
    query.equal("active", call.params.get("active"))
    query.any_of("id", call.params.get("ids"))
    return listing.answer(call, query)
