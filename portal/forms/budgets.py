"""What is asked about a budget."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from billing.budgets import THRESHOLDS, BudgetTerms
from core.budget import Node, Window
from core.caps import read_cap
from core.errors import Invalid, TollwayError

Choices = Sequence[tuple[str, Any]]

WINDOWS = {
    Window.DAY: "Each day (midnight UTC)",
    Window.WEEK: "Each week (from Monday, UTC)",
    Window.MONTH: "Each month (UTC)",
    Window.LIFETIME: "For ever: it never resets",
}
EFFECTS = {
    "hard": "Refuse requests that could go beyond it",
    "alert": "Refuse nothing: only tell owners and finance",
}


class BudgetTermsForm(forms.Form):
    """`cap` comes out in picodollars."""

    cap = forms.CharField(
        max_length=40,
        label="At most",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "placeholder": "100.00"}),
        help_text="US dollars.",
    )
    effect = forms.ChoiceField(
        label="When it is reached", choices=list(EFFECTS.items()), initial="hard", widget=forms.RadioSelect
    )
    thresholds = forms.TypedMultipleChoiceField(
        required=False,
        coerce=int,
        label="Send a mail at",
        widget=forms.CheckboxSelectMultiple,
        initial=[str(percent) for percent in THRESHOLDS],
        help_text="To owners and finance, once for each window.",
    )

    def __init__(self, *args: Any, thresholds: Sequence[int] = (), **kwargs: Any) -> None:
        """`thresholds` are those that the budget has; the page offers the usual ones besides."""
        super().__init__(*args, **kwargs)
        field = self.fields["thresholds"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [(str(each), f"{each} %") for each in sorted({*THRESHOLDS, *thresholds})]

    def clean_cap(self) -> int:
        try:
            return read_cap(self.cleaned_data["cap"])
        except Invalid as error:
            raise forms.ValidationError(error.detail) from None

    def terms(self) -> BudgetTerms:
        asked = self.cleaned_data
        return BudgetTerms(asked["cap"], asked["effect"] == "hard", asked["thresholds"])

    def refuse(self, error: TollwayError) -> None:
        self.add_error(error.field if error.field in self.fields else None, error.detail)


class BudgetForm(BudgetTermsForm):
    """Asks also what the budget is for. `at` comes out as a node and its id, which need not exist."""

    at = forms.CharField(label="For", max_length=60)
    window = forms.ChoiceField(label="Counted", choices=list(WINDOWS.items()), initial=Window.MONTH)
    field_order = ("at", "window", "cap", "effect", "thresholds")

    def __init__(self, *args: Any, places: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].widget = forms.Select(choices=places)

    def clean_at(self) -> tuple[Node, UUID]:
        place = read_place(self.cleaned_data["at"])
        if place is None:
            raise forms.ValidationError("Choose what the budget is for.")
        return place

    def clean_window(self) -> Window:
        return Window(self.cleaned_data["window"])


def read_place(text: str) -> tuple[Node, UUID] | None:
    """Read `key:0197f000-…`, as forms and links name what a budget is for."""
    node, _, id_ = text.partition(":")
    try:
        return Node(node), UUID(id_)
    except ValueError:
        return None
