"""Facts that are a moment old at most."""

import time

from core.wire import KeyFacts
from portal.api.recent_facts import KEPT_FOR, MOST, Recent
from tests.gateway.published import new_account


class Shelf:
    """What is published, and how often it was asked."""

    def __init__(self) -> None:
        self.facts: KeyFacts | None = None
        self.asked = 0

    def read(self, _name: str) -> KeyFacts | None:
        self.asked += 1
        return self.facts


def test_what_was_found_is_read_once_in_a_moment_and_again_after_it() -> None:
    shelf = Shelf()
    recent = Recent(shelf.read)
    shelf.facts = first = new_account().key

    assert [recent("a"), recent("a")] == [first, first]
    assert shelf.asked == 1
    shelf.facts = second = new_account().key
    time.sleep(KEPT_FOR + 0.05)
    assert recent("a") == second


def test_what_is_not_there_is_asked_again() -> None:
    shelf = Shelf()
    recent = Recent(shelf.read)

    assert recent("a") is None
    shelf.facts = new_account().key
    assert recent("a") is shelf.facts


def test_a_moment_is_well_within_the_second_that_a_revocation_has() -> None:
    assert KEPT_FOR <= 0.5


def test_it_does_not_grow_for_ever() -> None:
    shelf = Shelf()
    shelf.facts = new_account().key
    recent = Recent(shelf.read)

    for number in range(MOST + 5):
        recent(str(number))

    assert len(recent._found) <= MOST
