"""Budgets as the API reads and writes them."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from billing.budgets import THRESHOLDS, BudgetTerms
from core.budget import Node, Window
from core.caps import read_cap
from core.errors import Invalid
from core.money import decimal_of_picos
from portal.api.strict import Strict
from portal.budget_rows import BudgetRow

NODES = [(each.value, each.value) for each in Node]
WINDOWS = [(each.value, each.value) for each in Window]
MOST_THRESHOLDS = 20


class CapField(serializers.Field[int, str, str, Any]):
    """Dollars as a text, such as "25.00"; picodollars within."""

    def to_internal_value(self, data: object) -> int:
        if not isinstance(data, str):
            raise ValidationError("Send the amount as a text, such as “25.00”.")
        try:
            return read_cap(data)
        except Invalid as error:
            raise ValidationError(error.detail) from None

    def to_representation(self, value: int) -> str:
        return _dollars(value)


class BudgetTermsIn(Strict):
    cap = CapField(help_text="US dollars as a text, six decimals at most.")
    is_hard = serializers.BooleanField(default=True, help_text="Whether it refuses requests, or only tells people.")
    thresholds = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=100),
        default=lambda: list(THRESHOLDS),
        max_length=MOST_THRESHOLDS,
        help_text="Percentages of the cap at which owners and finance get a mail.",
    )


class NewBudgetIn(BudgetTermsIn):
    node = serializers.ChoiceField(choices=NODES)
    node_id = serializers.UUIDField(required=False, help_text="Of the row; not needed for the organization itself.")
    window = serializers.ChoiceField(choices=WINDOWS, help_text="In UTC; weeks begin on Monday.")


class KeyBudgetIn(BudgetTermsIn):
    window = serializers.ChoiceField(choices=WINDOWS, default=Window.DAY)


class BudgetOut(serializers.Serializer[Any]):
    """`spent` is what the present window holds, up to the newest settled request."""

    id = serializers.UUIDField(source="budget.pk")
    node = serializers.ChoiceField(choices=NODES)
    node_id = serializers.UUIDField(source="budget.node_id")
    name = serializers.CharField()
    window = serializers.ChoiceField(choices=WINDOWS)
    cap = serializers.SerializerMethodField()
    currency = serializers.SerializerMethodField()
    is_hard = serializers.BooleanField(source="budget.is_hard")
    thresholds = serializers.ListField(child=serializers.IntegerField(), source="budget.thresholds")
    spent = serializers.SerializerMethodField()
    starts_at = serializers.DateTimeField()
    resets_at = serializers.DateTimeField(allow_null=True)

    def get_cap(self, row: BudgetRow) -> str:
        return _dollars(int(row.budget.cap))

    def get_currency(self, _row: BudgetRow) -> str:
        return "USD"

    def get_spent(self, row: BudgetRow) -> str:
        return _dollars(row.spent)


def terms_of(sent: dict[str, Any]) -> BudgetTerms:
    return BudgetTerms(sent["cap"], sent["is_hard"], sent["thresholds"])


def _dollars(picos: int) -> str:
    """Exact, with two decimals at least."""
    whole, _, fraction = f"{decimal_of_picos(picos):f}".partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"
