"""What an organization asks of all of its keys."""

from django import forms

from accounts.key_policy import LONGEST
from accounts.models import Organization


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
