"""What is asked for a new key, and what can be changed about one."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Organization, Project
from core.errors import TollwayError
from core.scope import ADMIN_SCOPES, MEANING, MODEL_SCOPES
from core.wire import UNLIMITED, RateLimits
from keys.change import KeyTerms
from keys.issue import MAX_NAME
from keys.lifetime import latest_expiry
from keys.limits import MOST
from keys.models import ApiKey
from keys.models.api_key import RATE_LIMITS
from keys.restrictions import Restrictions

KINDS = {
    ApiKey.Kind.SECRET: "Secret: for one program or person; all that a key can, within the limits below",
    ApiKey.Kind.SERVICE_ACCOUNT: "Service account: for a system that outlives the people who set it up",
    ApiKey.Kind.ADMIN: "Admin: manages keys through the API, and calls no model",
}


class Ticks(forms.MultipleChoiceField):
    """Any number of choices, as boxes to tick."""

    widget = forms.CheckboxSelectMultiple


class Limit(forms.IntegerField):
    """A limit of a key; left empty, the key has none of its own."""

    def __init__(self, *, label: str, help_text: str = "") -> None:
        super().__init__(required=False, label=label, help_text=help_text, min_value=1, max_value=MOST)


class KeyTermsForm(forms.Form):
    """Lists that are left empty limit nothing."""

    name = forms.CharField(max_length=MAX_NAME, help_text="What will use it: “Search backend”, “Ada’s laptop”.")
    expires = forms.DateField(
        required=False,
        label="Valid through",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The last day, in UTC. Empty: until you revoke it.",
    )
    scopes = Ticks(
        required=False,
        label="May only",
        choices=[(scope.value, MEANING[scope]) for scope in MODEL_SCOPES],
        help_text="None ticked: both.",
    )
    admin_scopes = Ticks(
        required=False,
        label="May only",
        choices=[(scope.value, MEANING[scope]) for scope in ADMIN_SCOPES],
        help_text="None ticked: all of them.",
    )
    models = Ticks(required=False, label="Only these models", help_text="None ticked: every model open to you.")
    denied_models = Ticks(required=False, label="Never these models", help_text="They are refused in any case.")
    networks = forms.CharField(
        required=False,
        label="Only from these addresses",
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "203.0.113.0/24\n2001:db8::/32", "spellcheck": "false"}),
        help_text="IP addresses or CIDR networks, one per line. Empty: from anywhere.",
    )

    requests_per_minute = Limit(label="Requests a minute")
    requests_per_day = Limit(label="Requests a day", help_text="Days are in UTC.")
    input_tokens_per_minute = Limit(label="Input tokens a minute")
    output_tokens_per_minute = Limit(label="Output tokens a minute")
    concurrent_requests = Limit(label="Requests at the same time")
    velocity_freeze = forms.BooleanField(
        required=False,
        initial=True,
        label="Freeze it when it spends far more than usual",
        help_text="As leaked keys do. The documentation says what far more is.",
    )

    def __init__(self, *args: Any, organization: Organization, models: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization = organization
        for name in ("models", "denied_models"):
            field = self.fields[name]
            assert isinstance(field, Ticks)
            field.choices = [(slug, slug) for slug in models]
        if organization.max_key_days:
            self.fields["expires"].help_text = (
                f"The last day, in UTC. Keys of {organization} live at most {organization.max_key_days} days;"
                " empty: as long as that."
            )

    @property
    def is_limited(self) -> bool:
        """Whether the part with the limits should be open: something in it is set, or wrong."""
        limits = ("scopes", "admin_scopes", "models", "denied_models", "networks", *RATE_LIMITS)
        return any(self[name].value() or self[name].errors for name in limits)

    def clean_expires(self) -> datetime | None:
        """Answer the end of the last day as an instant."""
        day = self.cleaned_data["expires"]
        if day is None:
            return None
        if day < timezone.now().astimezone(UTC).date():
            raise forms.ValidationError("This day has passed: choose today or a later one.")
        return self._end_of(day)

    def clean_networks(self) -> list[str]:
        return str(self.cleaned_data["networks"]).replace(",", " ").split()

    def restrictions(self, *, kind: str) -> Restrictions:
        """Answer the limits that a key of this kind can have, of those that were filled in."""
        asked = self.cleaned_data
        if kind == ApiKey.Kind.ADMIN:
            return Restrictions(scopes=asked["admin_scopes"], networks=asked["networks"])
        return Restrictions(asked["scopes"], asked["models"], asked["denied_models"], asked["networks"])

    def limits(self, *, kind: str) -> RateLimits:
        if kind == ApiKey.Kind.ADMIN:
            return UNLIMITED
        return RateLimits(**{limit: self.cleaned_data[limit] for limit in RATE_LIMITS})

    def refuse(self, error: TollwayError) -> None:
        """Show what an action would not do."""
        self.add_error(error.field if error.field in self.fields else None, error.detail)

    def _end_of(self, day: date) -> datetime:
        """On the last day that the organization allows, a key ends as late as it may."""
        end = datetime.combine(day, time.max, tzinfo=UTC)
        latest = latest_expiry(self.organization, born=timezone.now())
        return latest if latest is not None and latest.date() == day else end


class KeyForm(KeyTermsForm):
    """`may_manage_admin_keys` offers that kind, too."""

    project: "forms.ModelChoiceField[Project]" = forms.ModelChoiceField(Project.objects.none(), empty_label=None)
    kind = forms.ChoiceField(
        required=False, choices=list(KINDS.items()), initial=ApiKey.Kind.SECRET, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, organization: Organization, may_manage_admin_keys: bool, **kwargs: Any) -> None:
        super().__init__(*args, organization=organization, **kwargs)
        projects, kinds = self.fields["project"], self.fields["kind"]
        assert isinstance(projects, forms.ModelChoiceField)
        assert isinstance(kinds, forms.ChoiceField)
        projects.queryset = organization.projects.filter(archived_at=None).order_by("created_at")
        kinds.choices = [
            (kind, text) for kind, text in KINDS.items() if kind != ApiKey.Kind.ADMIN or may_manage_admin_keys
        ]

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or ApiKey.Kind.SECRET


class KeyEditForm(KeyTermsForm):
    """Changes one key; its last day may stay as it is, even where it has passed."""

    def __init__(self, *args: Any, key: ApiKey, **kwargs: Any) -> None:
        self.key = key
        super().__init__(*args, organization=key.organization, initial=_initial(key), **kwargs)

    def clean_expires(self) -> datetime | None:
        if self.key.expires_at and self.cleaned_data["expires"] == self.key.expires_at.date():
            return self.key.expires_at
        return super().clean_expires()

    def terms(self) -> KeyTerms:
        asked = self.cleaned_data
        kind = self.key.kind
        return KeyTerms(
            asked["name"],
            self.restrictions(kind=kind),
            asked["expires"],
            self.limits(kind=kind),
            asked["velocity_freeze"],
        )


def _initial(key: ApiKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "expires": key.expires_at.date() if key.expires_at else None,
        "scopes": key.scopes,
        "admin_scopes": key.scopes,
        "models": key.model_slugs,
        "denied_models": key.denied_model_slugs,
        "networks": "\n".join(key.networks),
        **asdict(key.limits),
        "velocity_freeze": key.velocity_freeze,
    }
