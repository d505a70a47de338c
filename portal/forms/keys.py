"""What is asked for a new key."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Organization, Project
from keys.issue import MAX_NAME


class KeyForm(forms.Form):
    name = forms.CharField(max_length=MAX_NAME, help_text="What will use it: “Search backend”, “Ada’s laptop”.")
    project: "forms.ModelChoiceField[Project]" = forms.ModelChoiceField(Project.objects.none(), empty_label=None)
    expires = forms.DateField(
        required=False,
        label="Valid through",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The last day, in UTC. Empty: until you revoke it.",
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        projects = organization.projects.filter(archived_at=None).order_by("created_at")
        field = self.fields["project"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = projects

    def clean_expires(self) -> datetime | None:
        """Answer the end of the last day as an instant."""
        day = self.cleaned_data["expires"]
        if day is None:
            return None
        if day < timezone.now().astimezone(UTC).date():
            raise forms.ValidationError("This day has passed: choose today or a later one.")
        return datetime.combine(day, time.max, tzinfo=UTC)
