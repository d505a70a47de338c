from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.charges.charge import Charge
from billing.charges.models import Graduated, Package, PerUnit, Tier, Volume
from billing.charges.quantity import Exact, NotChargeable, whole_picos

QUANTITIES = st.decimals(min_value=0, max_value=10**9, places=6)
MODELS = st.sampled_from(
    [
        PerUnit(7),
        PerUnit(Decimal("0.123456")),
        Package(size=1_000, price=10**9),
        Graduated([Tier(1_000, 9, 5), Tier(None, 4, 3)]),
        Volume([Tier(1_000, 9, 5), Tier(None, 4, 3)]),
    ]
)
CHARGES = st.builds(
    Charge,
    model=MODELS,
    free_quantity=st.integers(0, 5_000),
    discount=st.decimals(min_value=0, max_value=100, places=3),
    minimum=st.integers(0, 10**6),
    maximum=st.one_of(st.none(), st.integers(10**6, 10**12)),
)


def test_free_units_are_taken_off_before_the_tiers() -> None:
    charge = Charge(Graduated([Tier(10, 5), Tier(None, 1)]), free_quantity=100)

    assert [charge.amount(quantity) for quantity in (0, 100, 101, 110, 111)] == [0, 0, 5, 50, 51]


def test_a_maximum_bounds_what_is_left_after_the_discount() -> None:
    charge = Charge(PerUnit(10), discount=50, maximum=400)

    assert [charge.amount(quantity) for quantity in (10, 80, 81)] == [50, 400, 400]


def test_a_minimum_is_owed_whatever_was_discounted() -> None:
    charge = Charge(PerUnit(10), discount=100, minimum=300)

    assert charge.parts(50).true_up == 300
    assert charge.amount(50) == 300


def test_the_parts_say_where_an_amount_comes_from() -> None:
    parts = Charge(PerUnit(10), discount=10, maximum=500, minimum=100).parts(100)

    assert (parts.usage, parts.discount, parts.above_maximum, parts.true_up) == (1_000, -100, -400, 0)


def test_a_third_of_a_picodollar_is_rounded_once() -> None:
    charge = Charge(PerUnit(1), discount=Decimal("33.3333"))

    assert charge.amount(3) == 2
    assert charge.parts(3).amount == 2


@given(CHARGES, st.lists(QUANTITIES, max_size=8))
def test_any_split_into_runs_gives_the_same_total(charge: Charge, steps: list[Decimal]) -> None:
    booked, quantity = 0, Decimal(0)
    for step in steps:
        quantity += step
        booked += charge.increment(quantity, booked)

    booked += charge.increment(quantity, booked)

    assert booked == charge.amount(quantity)


@given(CHARGES, QUANTITIES, QUANTITIES)
def test_a_run_may_take_back(charge: Charge, more: Decimal, less: Decimal) -> None:
    booked = charge.amount(more)

    assert booked + charge.increment(less, booked) == charge.amount(less)


@given(CHARGES, QUANTITIES)
def test_an_amount_lies_between_minimum_and_maximum(charge: Charge, quantity: Decimal) -> None:
    amount = charge.amount(quantity)

    assert amount >= Fraction(charge.minimum)
    assert charge.maximum is None or amount <= Fraction(charge.maximum)
    assert amount == charge.parts(quantity).amount


@pytest.mark.parametrize("quantity", [-1, Decimal("-0.1"), Decimal("NaN"), Decimal("Infinity"), 1.5, "1", None, True])
def test_a_quantity_that_is_no_count_is_refused(quantity: Any) -> None:
    with pytest.raises(NotChargeable, match="A quantity"):
        Charge(PerUnit(1)).amount(quantity)


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"discount": 101}, "at most 100"),
        ({"discount": -1}, "discount"),
        ({"minimum": 2, "maximum": 1}, "below the minimum"),
        ({"free_quantity": -1}, "free quantity"),
    ],
)
def test_a_charge_that_contradicts_itself_is_refused(given_: dict[str, Exact], words: str) -> None:
    with pytest.raises(NotChargeable, match=words):
        Charge(PerUnit(1), **given_)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [(Fraction(1, 2), 1), (Fraction(-1, 2), -1), (Fraction(1, 3), 0), (Fraction(5, 2), 3), (Fraction(7), 7)],
)
def test_halves_go_away_from_zero(amount: Fraction, rounded: int) -> None:
    assert whole_picos(amount) == rounded
