"""What is asked about an end customer."""

from django import forms

from accounts.end_customers import MAX_ID, MAX_NAME
from accounts.suspend_end_customer import MAX_REASON


class EndCustomerForm(forms.Form):
    external_id = forms.CharField(
        max_length=MAX_ID,
        label="Your id",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="Exactly as your requests name it, for example “customer-4711”. It can’t be changed later.",
    )
    name = forms.CharField(required=False, max_length=MAX_NAME, help_text="For people; shown on these pages alone.")


class EndCustomerNameForm(forms.Form):
    name = forms.CharField(required=False, max_length=MAX_NAME, help_text="For people; shown on these pages alone.")


class SuspensionForm(forms.Form):
    reason = forms.CharField(max_length=MAX_REASON, help_text="Kept in the audit trail, and shown to your members.")
