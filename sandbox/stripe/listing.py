"""Lists: newest first, with cursors, `limit` and `created`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.errors import invalid, no_such
from sandbox.stripe.present import list_object, present

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk
    from sandbox.stripe.routes import Call
    from sandbox.stripe.values import Obj

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


class Query:
    """The conditions of one list."""

    def __init__(self, kind: str) -> None:
        """Begin with the live objects of a kind."""
        self.where = ["kind = ?", "json_extract(body, '$.deleted') IS NULL"]
        self.values: list[object] = [kind]

    def equal(self, path: str, value: object) -> None:
        """Keep objects whose field has this value; None keeps all."""
        if value is not None:
            self.where.append(f"json_extract(body, '$.{path}') = ?")
            self.values.append(int(value) if isinstance(value, bool) else value)

    def null(self, path: str) -> None:
        """Keep objects whose field is null."""
        self.where.append(f"json_extract(body, '$.{path}') IS NULL")

    def any_of(self, path: str, values: list[str] | None) -> None:
        """Keep objects whose field has one of these values; None keeps all."""
        if values is not None:
            self.where.append(f"json_extract(body, '$.{path}') IN ({', '.join('?' * len(values))})")
            self.values.extend(values)

    def between(self, path: str, bounds: Obj | int | None) -> None:
        """Keep objects whose second lies in `{gt, gte, lt, lte}` or is equal to a number."""
        if isinstance(bounds, int):
            self.equal(path, bounds)
            return
        for name, bound in (bounds or {}).items():
            self.where.append(f"json_extract(body, '$.{path}') {COMPARISONS[name]} ?")
            self.values.append(bound)


def answer(call: Call, query: Query, *, ascending: bool = False) -> Obj:
    """Answer one page of a list as the request asks for it."""
    params = call.params
    limit = params.get("limit", DEFAULT_LIMIT)
    if not 1 <= limit <= MAX_LIMIT:
        code = "parameter_invalid_integer"
        raise invalid(f"Invalid integer: {limit}. Must be between 1 and 100.", param="limit", code=code)
    query.between("created", params.get("created"))
    backwards = "ending_before" in params
    _cut(call.desk, query, params, newer=ascending)
    where = " AND ".join(query.where)
    rows = call.desk.store.page(where, query.values, limit=limit + 1, ascending=ascending != backwards)
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    return list_object([present(call.desk, row) for row in rows], url=call.path, has_more=more)


def _cut(desk: Desk, query: Query, params: Obj, *, newer: bool) -> None:
    for name in ("starting_after", "ending_before"):
        if name in params:
            place = desk.store.place(params[name])
            if place is None:
                raise no_such("object", params[name], param=name)
            query.where.append("seq > ?" if newer != (name == "ending_before") else "seq < ?")
            query.values.append(place)
