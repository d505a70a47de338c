from decimal import Decimal
from typing import Any

from django import forms

LEAST = Decimal(5)
MOST = Decimal(1_000)


class CreditForm(forms.Form):
    """How much credit to buy, in dollars and cents."""

    amount = forms.DecimalField(
        label="Amount in US dollars",
        min_value=LEAST,
        max_value=MOST,
        decimal_places=2,
        initial=Decimal(25),
        help_text="$5 to $1,000. Paid credit does not expire.",
        error_messages={
            "min_value": "The least amount is $5.",
            "max_value": "The largest amount is $1,000 at a time.",
            "invalid": "Enter an amount such as 25 or 25.50.",
        },
        widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}),
    )

    @property
    def cents(self) -> int:
        cleaned: dict[str, Any] = self.cleaned_data
        return int(cleaned["amount"] * 100)
