"""How long the old key goes on working after a rotation."""

from datetime import timedelta

from django import forms

HOUR = 3600
GRACES = {
    0: "It ends now",
    HOUR: "One hour",
    24 * HOUR: "One day",
    7 * 24 * HOUR: "Seven days",
    30 * 24 * HOUR: "Thirty days",
}


class RotationForm(forms.Form):
    grace = forms.TypedChoiceField(
        label="The old key works for",
        choices=list(GRACES.items()),
        initial=24 * HOUR,
        coerce=int,
        help_text="Both work meanwhile, so that programs can change over one by one.",
    )

    @property
    def overlap(self) -> timedelta:
        return timedelta(seconds=self.cleaned_data["grace"])
