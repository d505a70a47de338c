"""What is asked of whoever found a key."""

from django import forms

from keys.report_leak import LONGEST_URL


class LeakForm(forms.Form):
    key = forms.CharField(
        max_length=200,
        label="The key that you found",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    url = forms.CharField(required=False, max_length=LONGEST_URL, label="Where you found it")
