"""Judges a round: what clients saw against what the books say. Each violation is one sentence; none is the aim."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from core.money import micros_up
from tests.faults.books import Books, Event, Purse
from tests.faults.caller import Answer, Ending

COMPLETED = "completed"


def violations(answers: Sequence[Answer], books: Books, *, may_hold: frozenset[str] = frozenset()) -> list[str]:
    """`may_hold` are the requests whose gateway was killed: their holds last until their time is over."""
    return [
        *_lost(answers, books.events),
        *_doubled(books.events),
        *_unasked(answers, books.events),
        *(text for id_, purse in books.purses.items() for text in _wrong_in(id_, purse, may_hold)),
        *_wrong_budgets(books),
    ]


def _lost(answers: Iterable[Answer], events: Iterable[Event]) -> Iterator[str]:
    by_request = {event.request_id: event for event in events}
    for answer in answers:
        event = by_request.get(answer.request_id)
        if answer.ending is Ending.COMPLETED and event is None:
            yield f"LOST: {answer.request_id} was answered to its end, and has no event"
        if answer.ending is Ending.COMPLETED and event is not None and event.outcome != COMPLETED:
            yield f"{answer.request_id} was answered to its end, and its event says {event.outcome}"
        if answer.ending is Ending.REFUSED and event is not None:
            yield f"{answer.request_id} was refused ({answer.status}), and has an event: {event.outcome}"


def _doubled(events: Iterable[Event]) -> Iterator[str]:
    for request_id, times in Counter(event.request_id for event in events).items():
        if times > 1:
            yield f"DOUBLED: {request_id} has {times} events"


def _unasked(answers: Sequence[Answer], events: Iterable[Event]) -> Iterator[str]:
    """A client that got no header can't name its request: such events are matched by number, key for key."""
    known = {answer.request_id for answer in answers if answer.request_id}
    nameless = Counter(answer.key for answer in answers if not answer.request_id)
    unknown = Counter(event.key for event in events if event.request_id not in known)
    for key, count in unknown.items():
        if count > nameless[key]:
            yield f"The key {key} has {count} events of {nameless[key]} requests without a name"


def _wrong_in(organization: UUID, purse: Purse, may_hold: frozenset[str]) -> Iterator[str]:
    if not purse.spent == purse.events == purse.rollups:
        yield f"DRIFTED: {organization} spent {purse.spent}, events say {purse.events}, rollups {purse.rollups}"
    if purse.available < 0:
        yield f"OVERSHOT: {organization} has {purse.available} micro-dollars left"
    # A move that leaves the sum as it was, as a new budget's, needs no new copy.
    if purse.copy is None or purse.copy[0] > purse.version or purse.copy[1] != purse.available:
        yield f"STALE: of {organization} Redis says {purse.copy}, PostgreSQL ({purse.version}, {purse.available})"
    if purse.held != sum(purse.holds.values()):
        yield f"{organization} has holds of {sum(purse.holds.values())} micro-dollars, and a total of {purse.held}"
    for hold in purse.holds:
        if hold not in may_hold:
            yield f"LEFT OVER: the hold {hold} of {organization}"


def _wrong_budgets(books: Books) -> Iterator[str]:
    for budget in books.budgets:
        if budget.spent > budget.cap:
            yield f"OVERSHOT: {budget.organization} has spent {budget.spent} of its budget of {budget.cap}"
        if budget.copy is not None and budget.copy != micros_up(budget.spent):
            yield f"STALE: of a budget of {budget.organization} Redis says {budget.copy}, PostgreSQL {budget.spent}"
