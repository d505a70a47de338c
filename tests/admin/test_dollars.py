from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.staff.dollars import (
    DollarsField,
    Unit,
    dollars_of_cents,
    dollars_of_micros,
    dollars_of_picos,
    in_dollars,
)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0.00"),
        ("1234.5", "$1,234.50"),
        ("0.000000000001", "$0.000000000001"),
        ("-20", "−$20.00"),
        ("1E+3", "$1,000.00"),
    ],
)
def test_dollars_show_every_decimal_and_at_least_two(amount: str, text: str) -> None:
    assert in_dollars(Decimal(amount)) == text


def test_each_unit_is_shown_in_dollars() -> None:
    shown = (dollars_of_cents(2_999), dollars_of_micros(150_000), dollars_of_picos(1_250_000))

    assert shown == ("$29.99", "$0.15", "$0.00000125")


@pytest.mark.parametrize(
    ("unit", "entered", "stored"),
    [
        (Unit.CENTS, "29.99", 2_999),
        (Unit.CENTS, " $20 ", 2_000),
        (Unit.CENTS, "0", 0),
        (Unit.MICROS, "0.15", 150_000),
        (Unit.MICROS, "0.000001", 1),
        (Unit.PICOS, "0.000000000001", 1),
        (Unit.PICOS, "0.1", 100_000_000_000),
        (Unit.PICOS, "10000000.000000000001", 10_000_000_000_000_000_001),
    ],
)
def test_what_is_entered_is_kept_exactly(unit: Unit, entered: str, stored: int) -> None:
    field = DollarsField(unit=unit)

    assert field.clean(entered) == stored
    assert field.clean(field.prepare_value(stored)) == stored


@pytest.mark.parametrize(
    ("unit", "entered", "why"),
    [
        (Unit.CENTS, "29.999", "finer than a cent"),
        (Unit.MICROS, "0.0000001", "finer than a millionth"),
        (Unit.PICOS, "0.0000000000001", "finer than a picodollar"),
        (Unit.CENTS, "-1", "from 0 to"),
        (Unit.CENTS, "NaN", "from 0 to"),
        (Unit.CENTS, "Infinity", "from 0 to"),
        (Unit.CENTS, "1e15", "from 0 to"),
        (Unit.PICOS, "1." + "1" * 40, "from 0 to"),
        (Unit.CENTS, "1,25", "with a point"),
        (Unit.CENTS, "twenty", "with a point"),
        (Unit.CENTS, "", "required"),
    ],
)
def test_what_the_unit_cannot_hold_is_refused_not_rounded(unit: Unit, entered: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        DollarsField(unit=unit).clean(entered)
