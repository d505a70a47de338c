"""Money on staff pages: shown and entered in dollars, exact in both directions, never a float."""

from decimal import Decimal, InvalidOperation
from enum import IntEnum
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextInputWidget

from core.money import decimal_of_cents, decimal_of_picos

LARGEST = 10**12
MOST_DIGITS = 24  # of what is entered; a decimal context keeps 28


class Unit(IntEnum):
    """The decimals of a dollar that a column keeps."""

    CENTS = 2
    MICROS = 6  # of a price per million tokens: picodollars per token
    PICOS = 12


SMALLEST = {Unit.CENTS: "a cent", Unit.MICROS: "a millionth of a dollar", Unit.PICOS: "a picodollar"}


def in_dollars(amount: Decimal) -> str:
    """Answer "$1,234.50" with as many decimals as the amount has, at least two."""
    sign = "−" if amount < 0 else ""
    whole, _, decimals = f"{abs(amount):,f}".partition(".")
    return f"{sign}${whole}.{decimals.rstrip('0').ljust(2, '0')}"


def dollars_of_cents(cents: int) -> str:
    return in_dollars(decimal_of_cents(cents))


def dollars_of_picos(picos: int | Decimal) -> str:
    return in_dollars(decimal_of_picos(int(picos)))


def dollars_of_micros(micros: int) -> str:
    return in_dollars(Decimal(micros).scaleb(-Unit.MICROS))


class DollarsField(forms.Field):
    """Dollars as a decimal; cleaned to an int of `unit`. Refuses what the unit cannot hold rather than round it."""

    def __init__(self, *, unit: Unit, **options: Any) -> None:
        self.unit = unit
        widget = UnfoldAdminTextInputWidget(
            {"prefix": "$", "inputmode": "decimal", "autocomplete": "off", "class": "pl-7"}
        )
        super().__init__(**({"widget": widget} | options))

    def prepare_value(self, value: Any) -> Any:
        """Show a column's int in dollars; what a person typed is shown as typed."""
        if not isinstance(value, int | Decimal):
            return value
        return in_dollars(Decimal(int(value)).scaleb(-self.unit)).replace("$", "").replace(",", "")

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip().removeprefix("$")
        if not text:
            return None
        return self._whole_units(self._amount(text))

    def _amount(self, text: str) -> Decimal:
        try:
            amount = Decimal(text)
        except InvalidOperation:
            raise ValidationError("Enter dollars as a number with a point, such as 1.25.", code="invalid") from None
        if not amount.is_finite() or not 0 <= amount <= LARGEST or len(amount.as_tuple().digits) > MOST_DIGITS:
            raise ValidationError("Enter an amount from 0 to a trillion dollars.", code="out_of_bounds")
        return amount

    def _whole_units(self, amount: Decimal) -> int:
        units = amount.scaleb(self.unit)
        if units != units.to_integral_value():
            raise ValidationError(
                f"At most {self.unit.value} decimals: ${amount:f} is finer than {SMALLEST[self.unit]}.", code="too_fine"
            )
        return int(units)
