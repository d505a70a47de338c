"""Keys as the API reads and writes them."""

from dataclasses import replace
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from billing.new_keys import KeyBudget
from core.budget import Window
from core.scope import Scope
from core.tokens import Environment
from core.wire import UNLIMITED, RateLimits
from keys.issue import MAX_NAME
from keys.limits import MOST as MOST_OF_A_LIMIT
from keys.models import ApiKey
from keys.restrictions import MOST, Restrictions
from portal.api.budget_serializers import BudgetOut, KeyBudgetIn, terms_of
from portal.api.strict import Strict
from portal.budget_rows import budgets_of_key

MADE_BY_API = [(kind.value, kind.label) for kind in ApiKey.Kind if kind != ApiKey.Kind.ADMIN]
NOT_ADMIN = [(each.value, each.value) for each in Environment if each != Environment.ADMIN]


def _texts(**options: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=80), max_length=MOST, **options)


def _limit() -> serializers.IntegerField:
    return serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MOST_OF_A_LIMIT)


class LimitsIn(Strict):
    """Null, or none named: unlimited by the key itself."""

    requests_per_minute = _limit()
    requests_per_day = _limit()
    input_tokens_per_minute = _limit()
    output_tokens_per_minute = _limit()
    concurrent_requests = _limit()


class LimitsOut(serializers.Serializer[RateLimits]):
    requests_per_minute = serializers.IntegerField(allow_null=True)
    requests_per_day = serializers.IntegerField(allow_null=True)
    input_tokens_per_minute = serializers.IntegerField(allow_null=True)
    output_tokens_per_minute = serializers.IntegerField(allow_null=True)
    concurrent_requests = serializers.IntegerField(allow_null=True)


class KeyTermsIn(Strict):
    """What may be said of a new key, and changed of one that exists. Empty lists limit nothing."""

    name = serializers.CharField(max_length=MAX_NAME)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=[*Scope]), required=False)
    models = _texts(required=False, help_text="The only models that it may call.")
    denied_models = _texts(required=False, help_text="Models that it may not call in any case.")
    networks = _texts(required=False, help_text="IP addresses or CIDR networks that it may be used from.")
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    limits = LimitsIn(required=False, help_text="Beside those of the organization. What is not named stays as it is.")

    velocity_freeze = serializers.BooleanField(
        required=False, help_text="Freeze it when it spends far more than usual; true where nothing is said."
    )

    def limits_for(self, key: ApiKey | None = None) -> RateLimits:
        """Those that were sent; the others stay as the key has them."""
        return replace(key.limits if key else UNLIMITED, **self.validated_data.get("limits", {}))

    def restrictions(self, key: ApiKey | None = None) -> Restrictions:
        """Those that were sent; the others stay as the key has them."""
        sent = self.validated_data
        return Restrictions(
            sent.get("scopes", key.scopes if key else []),
            sent.get("models", key.model_slugs if key else []),
            sent.get("denied_models", key.denied_model_slugs if key else []),
            sent.get("networks", key.networks if key else []),
        )


class NewKeyIn(KeyTermsIn):
    project = serializers.UUIDField(required=False, help_text="Without one: the organization's oldest.")
    kind = serializers.ChoiceField(choices=MADE_BY_API, default=ApiKey.Kind.SECRET)
    environment = serializers.ChoiceField(choices=NOT_ADMIN, default=Environment.LIVE)
    budget = KeyBudgetIn(
        required=False,
        help_text="Instead of the daily one of the organization's rules. Takes the scope budgets:write.",
    )

    def budget_terms(self) -> KeyBudget | None:
        sent = self.validated_data.get("budget")
        return KeyBudget(Window(sent["window"]), terms_of(sent)) if sent else None


class RotationIn(Strict):
    grace_seconds = serializers.IntegerField(
        default=86_400, min_value=0, help_text="How long the old key goes on working; at most 30 days."
    )


class RevocationIn(Strict):
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)


class LastUsedOut(serializers.Serializer[ApiKey]):
    at = serializers.DateTimeField(source="last_used_at")
    address = serializers.IPAddressField(source="last_used_from", allow_null=True)
    model = serializers.CharField(source="last_used_model")


class KeyOut(serializers.ModelSerializer[ApiKey]):
    """A key without its secret."""

    project = serializers.UUIDField(source="project_id")
    models = _texts(source="model_slugs")
    denied_models = _texts(source="denied_model_slugs")
    replaced_by = serializers.UUIDField(source="replaced_by_id", allow_null=True)
    limits = LimitsOut()
    prefix = serializers.CharField(help_text="The beginning of the key, enough to find it.")
    last_used = serializers.SerializerMethodField()

    class Meta:
        model = ApiKey
        fields = (
            *("id", "name", "prefix", "kind", "environment", "status", "project", "scopes", "models"),
            *(
                "denied_models",
                "networks",
                "limits",
                "created_at",
                "expires_at",
                "revoked_at",
                "replaced_by",
                "last_used",
            ),
        )
        read_only_fields = fields

    @extend_schema_field(LastUsedOut(allow_null=True))
    def get_last_used(self, key: ApiKey) -> dict[str, Any] | None:
        return LastUsedOut(key).data if key.last_used_at else None


class OneKeyOut(KeyOut):
    """A key with its budgets."""

    budgets = serializers.SerializerMethodField()

    class Meta(KeyOut.Meta):
        fields = read_only_fields = (*KeyOut.Meta.fields, "budgets")  # type: ignore[assignment]

    @extend_schema_field(BudgetOut(many=True))
    def get_budgets(self, key: ApiKey) -> Any:
        return BudgetOut(budgets_of_key(key, at=timezone.now()), many=True).data


class IssuedKeyOut(OneKeyOut):
    """A new key with its text: in this one answer, and never again."""

    key = serializers.SerializerMethodField(help_text="The whole key. Keep it: it is shown this once.")

    class Meta(OneKeyOut.Meta):
        fields = read_only_fields = (*OneKeyOut.Meta.fields, "key")  # type: ignore[assignment]

    def get_key(self, _key: ApiKey) -> str:
        return str(self.context["text"])
