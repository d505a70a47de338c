"""Objects as they are answered: without what only the sandbox knows, with the lists they contain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.values import Obj, public

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

EMBEDDED = 10


def present(desk: Desk, obj: Obj) -> Obj:
    """Answer the public form of an object; an invoice holds its first ten lines."""
    if obj.get("deleted"):
        return {"id": obj["id"], "object": obj["object"], "deleted": True}
    shown = public(obj)
    if obj["object"] == "invoice":
        lines = lines_of(desk, obj)
        shown["lines"] = list_object(
            [public(line) for line in lines[:EMBEDDED]],
            url=f"/v1/invoices/{obj['id']}/lines",
            has_more=len(lines) > EMBEDDED,
        )
    return shown


def lines_of(desk: Desk, invoice: Obj) -> list[Obj]:
    """Answer the lines of an invoice in the order in which they were added."""
    return desk.find("line_item", invoice=invoice["id"])


def list_object(data: list[Obj], *, url: str, has_more: bool = False) -> Obj:
    """Answer a list as the API does."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}
