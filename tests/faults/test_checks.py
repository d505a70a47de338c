"""The judge of the rounds finds what is planted: it can fail."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from core.ids import uuid7
from tests.faults.books import Books, BudgetState, Event, Purse
from tests.faults.caller import Answer, Ending
from tests.faults.checks import violations

ACME, KEY = uuid7(), uuid7()


def request_id(id_: UUID) -> str:
    return f"req_{id_.hex}"


EVENTS = tuple(Event(id_, request_id(id_), ACME, KEY, "completed") for id_ in (uuid7(), uuid7()))
ANSWERS = [Answer(KEY, Ending.COMPLETED, event.request_id, 200) for event in EVENTS]
PURSE = Purse(version=3, spent=20, available=5, events=20, rollups=20, copy=(3, 5), holds={}, held=0)
BUDGET = BudgetState(ACME, cap=10_000_000, spent=9_999_999, copy=10)
BOOKS = Books(EVENTS, {ACME: PURSE}, (BUDGET,))


def with_purse(**changes: object) -> Books:
    return replace(BOOKS, purses={ACME: replace(PURSE, **changes)})  # type: ignore[arg-type]


def with_budget(**changes: object) -> Books:
    return replace(BOOKS, budgets=(replace(BUDGET, **changes),))  # type: ignore[arg-type]


def test_right_books_are_found_right() -> None:
    assert violations(ANSWERS, BOOKS) == []


PLANTED: dict[str, tuple[Books, str]] = {
    "a lost event": (replace(BOOKS, events=EVENTS[:1]), "LOST"),
    "a doubled event": (replace(BOOKS, events=(*EVENTS, replace(EVENTS[0], id=uuid7()))), "DOUBLED"),
    "an event of another outcome": (replace(BOOKS, events=(EVENTS[0], replace(EVENTS[1], outcome="aborted"))), "says"),
    "an event that nobody asked for": (
        replace(BOOKS, events=(*EVENTS, Event(uuid7(), "req_0", ACME, KEY, "completed"))),
        "without a name",
    ),
    "a wallet beside its events": (with_purse(spent=21), "DRIFTED"),
    "rollups beside the events": (with_purse(rollups=19), "DRIFTED"),
    "an overshot balance": (with_purse(available=-1, copy=(3, -1)), "OVERSHOT"),
    "an overshot budget": (with_budget(spent=10_000_001, copy=11), "OVERSHOT"),
    "a copy of another amount": (with_purse(copy=(3, 6)), "STALE"),
    "a copy from the future": (with_purse(copy=(4, 5)), "STALE"),
    "no copy": (with_purse(copy=None), "STALE"),
    "a budget's copy": (with_budget(copy=9), "STALE"),
    "a hold that stays": (with_purse(holds={str(uuid4()): 7}, held=7), "LEFT OVER"),
    "a sum of holds that is none": (with_purse(held=1), "total"),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_is_found(planted: str) -> None:
    books, complaint = PLANTED[planted]

    found = violations(ANSWERS, books)

    assert len(found) == 1
    assert complaint in found[0]


def test_a_refusal_that_was_charged_is_found() -> None:
    refused = [ANSWERS[0], replace(ANSWERS[1], ending=Ending.REFUSED, status=503)]

    assert "was refused" in violations(refused, BOOKS)[0]


def test_what_a_killed_gateway_held_is_excused() -> None:
    hold = str(uuid4())

    assert violations(ANSWERS, with_purse(holds={hold: 7}, held=7), may_hold=frozenset({hold})) == []


@pytest.mark.parametrize("ending", [Ending.BROKEN, Ending.HUNG_UP, Ending.FAILED])
def test_what_broke_off_may_have_an_event_and_need_not(ending: Ending) -> None:
    unsure = [ANSWERS[0], replace(ANSWERS[1], ending=ending)]
    nameless = [ANSWERS[0], Answer(KEY, ending)]

    for answers in (unsure, nameless):
        assert violations(answers, BOOKS) == []
        assert violations(answers, replace(BOOKS, events=EVENTS[:1])) == []
