from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.proration import NotInPeriod, exchanged, prorated, share
from core.period import Span

JUNE = Span(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
SECONDS = 30 * 86_400
INSTANTS = st.integers(0, SECONDS).map(lambda second: JUNE.start + timedelta(seconds=second))


def test_a_day_of_june_is_a_thirtieth() -> None:
    assert share(JUNE, start=JUNE.start, end=JUNE.start + timedelta(days=1)) == Fraction(1, 30)


def test_a_second_counts() -> None:
    assert share(JUNE, start=JUNE.start, end=JUNE.start + timedelta(seconds=1)) == Fraction(1, SECONDS)


def test_a_day_of_23_hours_is_as_long_as_it_was() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    march = Span(
        datetime(2026, 3, 1, tzinfo=berlin).astimezone(UTC), datetime(2026, 4, 1, tzinfo=berlin).astimezone(UTC)
    )
    short = datetime(2026, 3, 29, tzinfo=berlin).astimezone(UTC)

    assert share(march, start=short, end=short + timedelta(hours=23)) == Fraction(23, 31 * 24 - 1)


def test_an_upgrade_in_the_middle_gives_half_back() -> None:
    given_back, charged = exchanged(2_000, 20_000, JUNE, at=JUNE.start + timedelta(days=15))

    assert (given_back, charged) == (-1_000, 10_000)


@given(st.integers(0, 10**7), INSTANTS)
def test_both_sides_of_an_instant_make_the_whole_but_for_a_cent(cents: int, at: datetime) -> None:
    assert JUNE.end is not None

    both = prorated(cents, JUNE, start=JUNE.start, end=at) + prorated(cents, JUNE, start=at, end=JUNE.end)

    assert abs(both - cents) <= 1


@given(st.integers(0, 10**7), INSTANTS)
def test_changing_to_the_same_fee_costs_nothing(cents: int, at: datetime) -> None:
    assert sum(exchanged(cents, cents, JUNE, at=at)) == 0


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (JUNE.start - timedelta(seconds=1), JUNE.start),
        (JUNE.start, JUNE.start + timedelta(days=31)),
        (JUNE.start + timedelta(days=2), JUNE.start + timedelta(days=1)),
    ],
)
def test_what_lies_outside_has_no_share(start: datetime, end: datetime) -> None:
    with pytest.raises(NotInPeriod):
        share(JUNE, start=start, end=end)


def test_a_period_without_an_end_has_no_shares() -> None:
    with pytest.raises(NotInPeriod):
        share(Span(JUNE.start, None), start=JUNE.start, end=JUNE.start)
