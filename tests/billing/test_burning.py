from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.burning import Burnable, burn, burn_order

DAY = datetime(2026, 4, 8, tzinfo=UTC)


def grant(number: int = 1, **fields: object) -> Burnable:
    defaults = {"kind": "paid", "priority": 100, "expires_at": None, "created_at": DAY, "remaining": 10}
    return Burnable(id=UUID(int=number), **(defaults | fields))  # type: ignore[arg-type]


GRANTS = st.lists(
    st.builds(
        Burnable,
        id=st.uuids(),
        kind=st.sampled_from(["promotional", "plan", "paid"]),
        priority=st.integers(0, 3),
        expires_at=st.none() | st.datetimes(timezones=st.just(UTC)),
        created_at=st.datetimes(timezones=st.just(UTC)),
        remaining=st.integers(0, 10**30),
    ),
    max_size=8,
    unique_by=lambda each: each.id,
)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"priority": 1}, {"priority": 2, "expires_at": DAY, "kind": "promotional"}),
        ({"expires_at": DAY}, {"expires_at": DAY + timedelta(days=1), "kind": "promotional"}),
        ({"expires_at": DAY}, {"expires_at": None, "kind": "promotional"}),
        ({"kind": "promotional"}, {"kind": "plan", "created_at": DAY - timedelta(days=9)}),
        ({"kind": "plan"}, {"kind": "paid", "created_at": DAY - timedelta(days=9)}),
        ({"created_at": DAY - timedelta(days=1)}, {"created_at": DAY, "number": 0}),
        ({"number": 1}, {"number": 2}),
    ],
)
def test_grants_burn_in_the_published_order(first: dict[str, object], second: dict[str, object]) -> None:
    earlier, later = grant(**({"number": 5} | first)), grant(**({"number": 6} | second))  # type: ignore[arg-type]

    assert sorted([later, earlier], key=burn_order) == [earlier, later]


def test_a_grant_that_is_not_enough_is_helped_by_the_next() -> None:
    burnt = burn([grant(2), grant(1)], 15)

    assert burnt.taken == ((UUID(int=1), 10), (UUID(int=2), 5))
    assert (burnt.covered, burnt.uncovered) == (15, 0)


@pytest.mark.parametrize(("amount", "uncovered"), [(0, 0), (10, 0), (11, 1), (-3, -3)])
def test_what_no_grant_covers_is_left(amount: int, uncovered: int) -> None:
    assert burn([grant()], amount).uncovered == uncovered


@given(GRANTS, st.integers(0, 10**31))
def test_nothing_is_lost_and_no_grant_is_overspent(grants: list[Burnable], amount: int) -> None:
    burnt = burn(grants, amount)

    remaining = {each.id: each.remaining for each in grants}
    assert burnt.covered + burnt.uncovered == amount
    assert burnt.covered == min(amount, sum(remaining.values()))
    assert all(0 < part <= remaining[id_] for id_, part in burnt.taken)


@given(GRANTS, st.randoms(), st.integers(0, 10**31))
def test_the_order_in_which_grants_are_read_changes_nothing(
    grants: list[Burnable], random: object, amount: int
) -> None:
    shuffled = grants.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert burn(shuffled, amount) == burn(grants, amount)
