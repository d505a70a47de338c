"""Notes which budgets have reached a threshold: each once per window and threshold, whoever asks and how often."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import connection

from billing.models import BudgetNotice
from core.budget import Window, window_start
from core.ids import NIL
from usage.models import Budget, BudgetSpend

AT_ONCE = 5_000

# A window that ended within the last hour counts still: what was reached in its last seconds is told, too.
NOTE = """
    INSERT INTO billing_budgetnotice (budget_id, window_start, threshold, reached_at)
    SELECT b.id, s.window_start, reached, %(now)s
    FROM usage_budget b
    JOIN usage_budget_spend s ON s.budget_id = b.id AND s.window_start IN (
        budget_window_start(b."window", %(now)s), budget_window_start(b."window", %(now)s - interval '1 hour')
    )
    CROSS JOIN unnest(b.thresholds) reached
    WHERE b.id > %(after)s AND b.id <= %(last)s AND b.cap > 0 AND s.spent * 100 >= b.cap * reached
    ON CONFLICT DO NOTHING
"""


def note_reached(*, now: datetime) -> int:
    """Answer how many thresholds were newly reached."""
    return sum(_note(after, last, now) for after, last in _chunks())


def forget_unreached(budget: Budget, *, now: datetime) -> None:
    """After a change of its cap: what is no longer reached in the present window may be told again."""
    start = window_start(Window(budget.window), now)
    spent = BudgetSpend.objects.filter(budget=budget, window_start=start).values_list("spent", flat=True).first() or 0
    percent = int(spent) * 100 // int(budget.cap) if budget.cap else 0
    BudgetNotice.objects.filter(budget=budget, window_start=start, threshold__gt=percent).delete()


def _chunks() -> Iterator[tuple[UUID, UUID]]:
    """Answer the bounds `(after, last]` of every so many budgets, in the order of their ids."""
    after = NIL
    while ids := list(Budget.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        yield after, ids[-1]
        after = ids[-1]


def _note(after: UUID, last: UUID, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(NOTE, {"after": after, "last": last, "now": now})
        return int(cursor.rowcount)
