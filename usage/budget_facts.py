"""What the gateways know of budgets: caps and what was spent, for every organization that has a wallet.

An organization without budgets is published, too: a gateway that finds nothing serves nobody until it knows.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection

from core.budget import Node, Window
from core.budget_wire import BudgetFacts
from notices.facts import copy_budgets

# One statement, so that versions, caps and spending are of one instant. The newest window of a budget is told; where
# it is over, gateways know that nothing is spent yet in the next.
QUERY = """
    SELECT w.organization_id, w.version, b.id, b.node, b.node_id, b."window", b.cap,
        coalesce(extract(epoch FROM s.window_start), 0)::bigint, coalesce(s.spent, 0)
    FROM usage_wallet w
    LEFT JOIN usage_budget b ON b.organization_id = w.organization_id AND b.is_hard
    LEFT JOIN LATERAL (
        SELECT window_start, spent FROM usage_budget_spend WHERE budget_id = b.id ORDER BY window_start DESC LIMIT 1
    ) s ON true
"""
OF_ONE = "WHERE w.organization_id = %s ORDER BY w.organization_id"
OF_SOME = "WHERE w.organization_id = ANY (%s) ORDER BY w.organization_id"
OF_ALL = "ORDER BY w.organization_id"

Row = tuple[Any, ...]


def publish_budgets(organization_id: UUID) -> None:
    """Publish the organization's budgets as the database has them now. Raises `redis.RedisError`."""
    _publish(QUERY + OF_ONE, [organization_id])


def publish_budgets_of(organization_ids: list[UUID]) -> int:
    """Publish the budgets of these, and answer how many were behind. Raises `redis.RedisError`."""
    return _publish(QUERY + OF_SOME, [organization_ids])


def publish_all_budgets() -> int:
    """Publish every organization's, and answer how many were behind. Raises `redis.RedisError`."""
    return _publish(QUERY + OF_ALL, [])


def _publish(query: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found = groupby(cursor, key=lambda row: (row[0], row[1]))
        return sum(copy_budgets(*wallet, _budgets(rows)) for wallet, rows in found)


def _budgets(rows: Iterator[Row]) -> list[BudgetFacts]:
    return [
        BudgetFacts(id_, Node(node), node_id, Window(window), int(cap), start=start, spent=int(spent))
        for _, _, id_, node, node_id, window, cap, start, spent in rows
        if id_ is not None
    ]
