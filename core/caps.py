"""A cap as people and programs write it: dollars, with six decimals at most, because gateways count micro-dollars."""

import re
from decimal import Decimal

from core.errors import Invalid
from core.money import PICOS_PER_UNIT, Picos

MOST_DOLLARS = 1_000_000_000
DECIMALS = 6
# A comma stands between thousands and nowhere else: "1,5" is one and a half to some and fifteen to nobody.
AMOUNT = re.compile(r"\$?\s*(-?(?:\d{1,3}(?:,\d{3}){1,9}|\d{1,30})(?:\.\d*)?)")


def read_cap(text: str) -> Picos:
    """Read `25`, `$1,000.50` or `0.000001`. Raises Invalid, saying what to mend."""
    found = AMOUNT.fullmatch(text.strip())
    if found is None:
        raise Invalid("Write an amount in dollars, such as 25 or 1000.50.")
    amount = Decimal(found[1].replace(",", ""))
    if amount < 0:
        raise Invalid("A cap can’t be negative: 0 refuses everything, and no budget refuses nothing.")
    if amount > MOST_DOLLARS:
        raise Invalid(f"A cap is ${MOST_DOLLARS:,} at most.")
    if amount.normalize().as_tuple().exponent < -DECIMALS:  # type: ignore[operator]  # A digit's exponent is a number.
        raise Invalid(f"A cap has {DECIMALS} decimals at most: smaller parts are not counted.")
    return Picos(int(amount * PICOS_PER_UNIT))
