"""What the ledger says of each month: revenue, what reduced it, and the balances at its end. Amounts in picodollars.

A posting belongs to the month (in UTC) in which it took effect. Every figure is a sum of ledger entries, so a month's
figures and the balances of the accounts can never differ.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection

from billing.models import LedgerAccount

Kind = LedgerAccount.Kind

# What a month brings: the sign makes revenue and what is kept positive, costs negative.
FLOWS: Mapping[Kind, str] = {
    Kind.USAGE_REVENUE: "Usage",
    Kind.PLAN_REVENUE: "Plans",
    Kind.BREAKAGE: "Breakage",
    Kind.PLAN_CREDIT: "Credit in plans",
    Kind.PROMOTIONS: "Promotions",
    Kind.ROUNDING: "Rounding",
    Kind.BAD_DEBT: "Bad debt",
}
# What stands at its end: assets as debits, liabilities as credits, all positive.
BALANCES: Mapping[Kind, tuple[str, int]] = {
    Kind.CREDIT_HELD: ("Deferred (credit held)", -1),
    Kind.UNBILLED: ("Unbilled", 1),
    Kind.RECEIVABLE: ("Receivable", 1),
    Kind.TAX: ("Tax owed", -1),
    Kind.CASH: ("Cash received", 1),
}
QUERY = """
    SELECT date_trunc('month', t.effective_at, 'UTC')::date, a.kind, sum(e.amount)
    FROM billing_ledgerentry e
    JOIN billing_ledgertransaction t ON t.id = e.transaction_id
    JOIN billing_ledgeraccount a ON a.id = e.account_id
    GROUP BY 1, 2 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Month:
    """`flows` are the month's, `balances` those at its end."""

    begins: date
    flows: Mapping[Kind, int]
    balances: Mapping[Kind, int]

    @property
    def recognized(self) -> int:
        """Revenue, less what the plans' and the promotions' credit gave away of it."""
        return sum(self.flows.values())


def months() -> list[Month]:
    """Answer every month from the first posting to the last one, oldest first; months without postings too."""
    posted: dict[date, dict[Kind, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(QUERY)
        for begins, kind, amount in cursor.fetchall():
            posted.setdefault(begins, {})[Kind(kind)] = int(amount)
    return list(_months(posted)) if posted else []


def _months(posted: Mapping[date, Mapping[Kind, int]]) -> Iterator[Month]:
    balances = dict.fromkeys(BALANCES, 0)
    month = min(posted)
    while month <= max(posted):
        moved = posted.get(month, {})
        for kind, (_, sign) in BALANCES.items():
            balances[kind] += sign * moved.get(kind, 0)
        yield Month(month, {kind: -moved.get(kind, 0) for kind in FLOWS}, dict(balances))
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
