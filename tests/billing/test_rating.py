from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rating import (
    AmountsDiffer,
    BookingKey,
    Bookings,
    PriceKey,
    Quantity,
    UsageGroup,
    increments,
    rated,
    total,
)
from core.usage import PriceTable, TokenClass, TokenCounts, amount_of

MODELS = [UUID(int=number) for number in (1, 2)]
KEYS = [PriceKey(UUID(int=number), tier) for number in (11, 12) for tier in ("standard", "batch")]
TABLES: dict[PriceKey, PriceTable] = {
    KEYS[0]: {TokenClass.INPUT: 1_250_000, TokenClass.OUTPUT: 4_250_000},
    KEYS[1]: {TokenClass.INPUT: 625_000, TokenClass.OUTPUT: 2_125_000},
    KEYS[2]: {TokenClass.INPUT: 1, TokenClass.OUTPUT: 3, TokenClass.REQUESTS: 7},
    KEYS[3]: {},
}
COUNTS = st.builds(
    TokenCounts,
    input=st.integers(0, 10**9),
    cache_read=st.integers(0, 10**6),
    output=st.integers(0, 10**9),
    requests=st.integers(0, 3),
)
EVENTS = st.lists(st.tuples(st.sampled_from(MODELS), st.sampled_from(KEYS), COUNTS), max_size=12)
Event = tuple[UUID, PriceKey, TokenCounts]


def grouped(events: list[Event]) -> list[UsageGroup]:
    """Sum events as the database does."""
    sums: dict[tuple[UUID, PriceKey], TokenCounts] = {}
    for model, price, counts in events:
        before = sums.get((model, price), TokenCounts())
        fields = {token_class.value: getattr(before, token_class) + count for token_class, count in counts.items()}
        sums[model, price] = TokenCounts(**fields)
    return [
        UsageGroup(model, price, counts, amount_of(counts, TABLES[price])) for (model, price), counts in sums.items()
    ]


def book(events: list[Event], booked: Bookings) -> Bookings:
    return increments(rated(grouped(events), TABLES), booked)


def added(first: Bookings, second: Bookings) -> Bookings:
    keys = first.keys() | second.keys()
    prices = {key: (first.get(key) or second[key]).unit_price for key in keys}
    units = {key: sum(each[key].units for each in (first, second) if key in each) for key in keys}
    return {key: Quantity(units[key], prices[key]) for key in keys if units[key]}


@given(EVENTS)
def test_the_total_is_the_sum_of_the_events(events: list[Event]) -> None:
    charged = sum(amount_of(counts, TABLES[price]) for _, price, counts in events)

    assert total(rated(grouped(events), TABLES)) == charged


@given(EVENTS, st.data())
def test_any_split_into_runs_gives_the_same_bookings(events: list[Event], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=4)))
    booked: Bookings = {}

    for cut in [*cuts, len(events)]:
        booked = added(booked, book(events[:cut], booked))

    assert booked == rated(grouped(events), TABLES)


@given(EVENTS, st.randoms())
def test_the_order_of_events_changes_nothing(events: list[Event], random: object) -> None:
    shuffled = events.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert rated(grouped(shuffled), TABLES) == rated(grouped(events), TABLES)


@given(EVENTS)
def test_rating_again_books_nothing(events: list[Event]) -> None:
    assert book(events, rated(grouped(events), TABLES)) == {}


@given(EVENTS, EVENTS)
def test_what_is_no_longer_there_is_taken_back(kept: list[Event], gone: list[Event]) -> None:
    booked = rated(grouped(kept + gone), TABLES)

    back = book(kept, booked)

    assert added(booked, back) == rated(grouped(kept), TABLES)
    assert all(each.units < 0 for each in back.values())


def test_a_class_without_a_price_is_free_and_counted_but_requests_are_not() -> None:
    group = UsageGroup(MODELS[0], KEYS[0], TokenCounts(input=2, cache_read=5, requests=1), 2_500_000)

    bookings = rated([group], TABLES)

    assert {key.token_class: each.units for key, each in bookings.items()} == {"input": 2, "cache_read": 5}
    assert total(bookings) == 2_500_000


def test_requests_with_a_price_are_booked() -> None:
    group = UsageGroup(MODELS[0], KEYS[2], TokenCounts(requests=3), 21)

    assert [each.amount for each in rated([group], TABLES).values()] == [21]


@pytest.mark.parametrize("charged", [2_499_999, 2_500_001, 0])
def test_events_charged_otherwise_are_refused(charged: int) -> None:
    with pytest.raises(AmountsDiffer, match="tokens × prices is 2500000"):
        rated([UsageGroup(MODELS[0], KEYS[0], TokenCounts(input=2), charged)], TABLES)


def test_an_unknown_price_version_is_refused() -> None:
    unknown = PriceKey(UUID(int=99), "standard")

    with pytest.raises(AmountsDiffer):
        rated([UsageGroup(MODELS[0], unknown, TokenCounts(input=2), 2_500_000)], TABLES)


def test_a_price_that_changed_since_it_was_booked_is_refused() -> None:
    key = BookingKey(MODELS[0], KEYS[0], TokenClass.INPUT)

    with pytest.raises(AmountsDiffer):
        increments({key: Quantity(2, 5)}, {key: Quantity(1, 4)})
