"""Usage that a customer's own systems report, stored by `settle()` as the gateway's is.

Each item is judged by itself. An id counts once for ever; the same id with other content is a conflict, and the first
content stays.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec
from django.db import connection

from accounts.after_commit import after_commit
from billing.allowance import publish_wallet
from billing.reported_usage import Book, NotReportable, Reported
from core.usage_event import UsageEvent
from keys.models import ApiKey
from usage.budget_facts import publish_budgets
from usage.models import UsageEvent as StoredEvent


class Status(StrEnum):
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"  # it was stored before, with the same content
    CONFLICT = "conflict"  # its id was stored before with other content, which stays
    REFUSED = "refused"


OTHER_CONTENT = "This id was reported before with other content, which stays."


@dataclass(frozen=True, slots=True)
class Result:
    status: Status
    event: UUID | None = None
    detail: str = ""


def report_usage(reporter: ApiKey, items: Sequence[Reported], *, now: datetime) -> list[Result]:
    """Store what is acceptable and answer a result for each item, in their order. After a crash, report again."""
    book = Book(reporter, items)
    judged = [_judged(book, item, now) for item in items]
    events = [each for each in judged if isinstance(each, UsageEvent)]
    stored = _store(events) if events else {}
    return [_result(each, stored) for each in judged]


def _judged(book: Book, item: Reported, now: datetime) -> UsageEvent | NotReportable:
    try:
        return book.event(item, now=now)
    except NotReportable as refusal:
        return refusal


def _result(judged: UsageEvent | NotReportable, stored: Mapping[UUID, Iterator[Status]]) -> Result:
    if isinstance(judged, NotReportable):
        return Result(Status.REFUSED, detail=judged.detail)
    status = next(stored[judged.id])
    return Result(status, judged.id, OTHER_CONTENT if status == Status.CONFLICT else "")


def _store(events: Sequence[UsageEvent]) -> dict[UUID, Iterator[Status]]:
    """Settle, and answer for each id what became of its occurrences, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version, inserted, conflicting, counters FROM settle(%s::jsonb)",
            [msgspec.json.encode([event.as_row() for event in events]).decode()],
        )
        version, inserted, conflicting, counters = cursor.fetchone()
    organization = events[0].organization
    if inserted:
        after_commit(publish_wallet, organization)
    if counters:
        after_commit(publish_budgets, organization)
    times = Counter(event.id for event in events)
    fresh = (
        _fresh(organization, set(times), version) if 0 < inserted < len(times) else set(times) if inserted else set()
    )
    return {id_: _statuses(id_ in fresh, id_ in set(conflicting or ())) for id_ in times}


def _fresh(organization: UUID, ids: set[UUID], version: int | None) -> set[UUID]:
    """Those that this very settlement has stored: it made this version of the wallet, or none and stored nothing."""
    if version is None:
        return set()
    stored = StoredEvent.objects.filter(organization_id=organization, id__in=ids, stored_version=version)
    return set(stored.values_list("id", flat=True))


def _statuses(is_fresh: bool, is_conflicting: bool) -> Iterator[Status]:  # noqa: FBT001 - two facts of one id
    if is_fresh:
        yield Status.ACCEPTED
    while True:
        yield Status.CONFLICT if is_conflicting else Status.DUPLICATE
