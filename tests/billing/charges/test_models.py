from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.charges.models import Graduated, Package, PerUnit, Tier, Volume
from billing.charges.quantity import Exact, NotChargeable

TIERS = [Tier(up_to=10, unit_price=5, flat=100), Tier(up_to=20, unit_price=4, flat=50), Tier(up_to=None, unit_price=3)]
QUANTITIES = st.fractions(min_value=0, max_value=10**9, max_denominator=10**6)
PRICES = st.integers(0, 10**9)


@st.composite
def tiers(draw: st.DrawFn) -> list[Tier]:
    bounds = sorted(draw(st.sets(st.integers(1, 10**6), max_size=5)))
    return [Tier(bound, draw(PRICES), draw(PRICES)) for bound in [*bounds, None]]


@pytest.mark.parametrize(
    ("quantity", "amount"),
    [
        (0, 100),
        (1, 105),
        (10, 150),
        (Decimal("10.5"), 150 + 50 + 2),
        (11, 204),
        (20, 240),
        (21, 243),
        (Decimal("20.000001"), 240 + Fraction(3, 10**6)),
        (120, 540),
    ],
)
def test_each_unit_is_charged_at_its_own_tier(quantity: Exact, amount: Exact) -> None:
    assert Graduated(TIERS).of(Fraction(quantity)) == amount


@pytest.mark.parametrize(("quantity", "amount"), [(0, 100), (10, 150), (11, 50 + 44), (20, 130), (21, 63), (120, 360)])
def test_all_units_are_charged_at_the_tier_of_the_whole(quantity: int, amount: int) -> None:
    assert Volume(TIERS).of(Fraction(quantity)) == amount


@pytest.mark.parametrize(
    ("quantity", "packages"), [(0, 0), (Decimal("0.001"), 1), (99, 1), (100, 1), (Decimal("100.5"), 2), (201, 3)]
)
def test_a_begun_package_is_paid_in_full(quantity: Exact, packages: int) -> None:
    assert Package(size=100, price=7).of(Fraction(quantity)) == packages * 7


def test_a_unit_may_be_a_part() -> None:
    assert PerUnit(Decimal("0.3")).of(Fraction("1.1")) == Fraction("0.33")


@given(tiers(), QUANTITIES)
def test_graduated_equals_counting_tier_by_tier(steps: list[Tier], quantity: Fraction) -> None:
    expected, start = Fraction(0), Fraction(0)
    for number, tier in enumerate(steps):
        end = Fraction(10**10) if tier.up_to is None else Fraction(tier.up_to)
        inside = max(Fraction(0), min(quantity, end) - start)
        expected += inside * Fraction(tier.unit_price) + (Fraction(tier.flat) if inside or number == 0 else 0)
        start = end

    assert Graduated(steps).of(quantity) == expected


@given(tiers(), QUANTITIES, QUANTITIES)
def test_graduated_never_falls_with_more(steps: list[Tier], one: Fraction, other: Fraction) -> None:
    low, high = sorted([one, other])

    assert Graduated(steps).of(low) <= Graduated(steps).of(high)


@given(PRICES, PRICES, QUANTITIES)
def test_one_tier_is_volume_graduated_and_per_unit_alike(price: int, flat: int, quantity: Fraction) -> None:
    only = [Tier(None, price, flat)]

    assert Graduated(only).of(quantity) == Volume(only).of(quantity) == PerUnit(price).of(quantity) + flat


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([], "last tier"),
        ([Tier(10, 1)], "last tier"),
        ([Tier(None, 1), Tier(None, 1)], "another follows"),
        ([Tier(10, 1), Tier(10, 1), Tier(None, 1)], "must end above 10"),
        ([Tier(0, 1), Tier(None, 1)], "must end above 0"),
        ([Tier(-1, 1), Tier(None, 1)], "below zero"),
        ([Tier(None, -1)], "Tier 1's price"),
        ([Tier(None, 1, flat=Decimal("NaN"))], "finite"),
    ],
)
def test_tiers_that_leave_a_doubt_are_refused(steps: Sequence[Tier], words: str) -> None:
    for model in (Graduated, Volume):
        with pytest.raises(NotChargeable, match=words):
            model(steps)


def test_an_empty_package_is_refused() -> None:
    with pytest.raises(NotChargeable, match="hold something"):
        Package(size=0, price=1)
