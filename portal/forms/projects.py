"""What is asked for a project."""

from django import forms

from accounts.organizations import MAX_NAME


class ProjectForm(forms.Form):
    name = forms.CharField(max_length=MAX_NAME, help_text="Usage is told apart by it: “Search”, “Staging”.")
