"""What an owner may change about the organization."""

from django import forms

from accounts.organizations import MAX_NAME


class OrganizationForm(forms.Form):
    name = forms.CharField(max_length=MAX_NAME, help_text="Shown to members, and on invoices.")
