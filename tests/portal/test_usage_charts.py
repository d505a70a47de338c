"""Bars are as high as their numbers, and stand on each other."""

from itertools import pairwise

import pytest

from portal.charts import COLOURS, Series, scale, stacked_bars
from portal.figures import compact, short_dollars


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (0, (1, 0)),
        (1, (1, 0)),
        (3, (3, 2, 1, 0)),
        (7, (8, 6, 4, 2, 0)),
        (10, (10, 5, 0)),
        (99, (100, 75, 50, 25, 0)),
        (101, (150, 100, 50, 0)),
        (4_000_000, (4_000_000, 3_000_000, 2_000_000, 1_000_000, 0)),
    ],
)
def test_the_scale_is_round_and_reaches_the_highest(highest: int, ticks: tuple[int, ...]) -> None:
    assert scale(highest) == ticks
    assert scale(highest)[0] >= highest
    assert 1 <= len(scale(highest)) - 1 <= 4


def test_pieces_stand_on_each_other_and_the_largest_series_is_lowest() -> None:
    small, large = Series("small", (25, 0)), Series("large", (75, 50))

    chart = stacked_bars(["Mon", "Tue"], [small, large])

    monday, tuesday = chart.columns
    assert [each.name for each in chart.series] == ["large", "small"]
    assert [(float(piece.y), float(piece.height)) for piece in monday.pieces] == [(25, 75), (0, 25)]
    assert [(float(piece.y), float(piece.height)) for piece in tuesday.pieces] == [(50, 50)]
    assert (monday.total, tuesday.total) == (100, 50)


def test_columns_share_the_width_and_do_not_touch() -> None:
    chart = stacked_bars(["a", "b", "c", "d"], [Series("x", (1, 1, 1, 1))])

    lefts = [float(column.pieces[0].x) for column in chart.columns]
    widths = {float(column.pieces[0].width) for column in chart.columns}
    assert [round(right - left, 2) for left, right in pairwise(lefts)] == [25, 25, 25]
    assert widths == {19.5}
    assert lefts[-1] + 19.5 < 100


def test_series_beyond_the_palette_become_one() -> None:
    many = [Series(f"key {n}", (n, 1)) for n in range(1, 11)]

    chart = stacked_bars(["Mon", "Tue"], many)

    assert len(chart.series) == COLOURS
    assert (chart.series[-1].name, chart.series[-1].values) == ("Other", (1 + 2 + 3 + 4, 4))
    assert chart.columns[0].total == sum(range(1, 11))


def test_a_series_keeps_its_colour_when_its_rank_changes() -> None:
    by_tokens = stacked_bars(["Mon"], [Series("embed", (9,)), Series("spark", (1,))])
    by_cost = stacked_bars(["Mon"], [Series("embed", (1,)), Series("spark", (9,))])

    assert [(each.name, each.colour) for each in by_tokens.series] == [("embed", 1), ("spark", 2)]
    assert [(each.name, each.colour) for each in by_cost.series] == [("spark", 2), ("embed", 1)]


@pytest.mark.parametrize(
    ("count", "labelled"), [(1, [0]), (7, [0, 2, 4, 6]), (24, [0, 6, 12, 18]), (30, [0, 6, 12, 18, 24]), (0, [])]
)
def test_no_more_labels_than_a_phone_has_room_for(count: int, labelled: list[int]) -> None:
    chart = stacked_bars([str(place) for place in range(count)], [])

    assert [int(column.label) for column in chart.columns if column.is_labelled] == labelled
    assert chart.is_empty


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (1_000, "1K"), (1_250, "1.25K"), (999_999, "999.99K"), (2_500_000, "2.5M")],
)
def test_compact_numbers(number: int, text: str) -> None:
    assert compact(number) == text


@pytest.mark.parametrize(
    ("picos", "text"),
    [
        (0, "$0"),
        (2_500_000_000, "$0.0025"),
        (20_000_000_000, "$0.02"),
        (10**12, "$1.00"),
        (12_345_678_900_000, "$12.35"),
        (1_234_567_890_123, "$1.234568"),
        (7, "$0.000000000007"),
        (1_250 * 10**12, "$1,250.00"),
    ],
)
def test_short_dollars(picos: int, text: str) -> None:
    assert short_dollars(picos) == text
