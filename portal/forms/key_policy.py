"""What an organization asks of all of its keys."""

from typing import Any

from django import forms

from accounts.key_policy import LONGEST, KeyPolicy
from accounts.models import Organization
from core.caps import read_cap
from core.errors import Invalid
from core.money import PICOS_PER_CENT

Cap = Organization.NewKeyCap


class KeyPolicyForm(forms.Form):
    max_key_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LONGEST,
        label="Keys live at most",
        help_text="Days. Applies to new keys; older ones are pointed out. Empty: as long as you like.",
    )
    leaked_keys = forms.ChoiceField(
        label="A key that is found in public",
        choices=Organization.LeakedKeys.choices,
        help_text="Whoever finds one can report it. Owners and admins get a mail in either case.",
    )
    new_key_cap = forms.ChoiceField(label="A new key may spend in a day", widget=forms.RadioSelect)
    new_key_amount = forms.CharField(
        required=False,
        max_length=40,
        label="Amount a day",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "placeholder": "25.00"}),
        help_text="US dollars, if it is one of your own: the new key’s daily budget. Keys that exist keep theirs.",
    )
    velocity_freeze = forms.BooleanField(
        required=False,
        label="Freeze keys that spend far more than usual",
        help_text="Owners and admins get a mail, and can enable the key again.",
    )

    def __init__(self, *args: Any, usual: str, **kwargs: Any) -> None:
        """`usual` says what caps new keys where the organization has said nothing."""
        super().__init__(*args, **kwargs)
        field = self.fields["new_key_cap"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(Cap.DEFAULT, usual), (Cap.OWN, "An amount of our own"), (Cap.NONE, "As much as it likes")]

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or self.cleaned_data
        if asked.get("new_key_cap") != Cap.OWN:
            return asked | {"new_key_cap_cents": None}
        try:
            return asked | {"new_key_cap_cents": _cents(asked.get("new_key_amount", ""))}
        except Invalid as error:
            self.add_error("new_key_amount", error.detail)
            return asked

    def policy(self) -> KeyPolicy:
        asked = {name: value for name, value in self.cleaned_data.items() if name != "new_key_amount"}
        return KeyPolicy(**asked)


def _cents(text: str) -> int:
    cents, rest = divmod(read_cap(text), PICOS_PER_CENT)
    if rest:
        raise Invalid("Write whole cents.")
    return cents
