from dataclasses import fields
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Organization, Project
from core.ids import uuid7
from core.wire import RateLimits

RATE_LIMITS = tuple(field.name for field in fields(RateLimits))


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def of(self, organization: Organization) -> Self:
        return self.filter(organization=organization)

    def usable(self, at: datetime) -> Self:
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at), status=ApiKey.Status.ACTIVE)


class ApiKey(models.Model):
    """A key as we keep it: its id and a keyed hash. The secret is shown once and stored nowhere."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        DISABLED = "disabled"
        REVOKED = "revoked"

    class Environment(models.TextChoices):
        LIVE = "live"
        TEST = "test"
        ADMIN = "admin"

    class Kind(models.TextChoices):
        """Admin keys manage and call no model; all others call models and manage nothing."""

        SECRET = "secret"  # noqa: S105 - the name of a kind
        RESTRICTED = "restricted"
        SERVICE_ACCOUNT = "service_account", "Service account"
        ADMIN = "admin"

    class Cause(models.TextChoices):
        """Why a key is disabled, where it wasn't simply switched off."""

        VELOCITY = "velocity", "It spent far more than usual"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="api_keys")
    project = models.ForeignKey(Project, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=120)
    key_id = models.CharField(max_length=12, unique=True, editable=False)
    hash = models.CharField(max_length=64, editable=False)
    pepper_id = models.CharField(max_length=16, editable=False)
    environment = models.CharField(max_length=8, choices=Environment, default=Environment.LIVE)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.SECRET)
    scopes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    model_slugs = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    denied_model_slugs = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    networks = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True)
    requests_per_day = models.PositiveIntegerField(null=True, blank=True)
    input_tokens_per_minute = models.PositiveIntegerField(null=True, blank=True)
    output_tokens_per_minute = models.PositiveIntegerField(null=True, blank=True)
    concurrent_requests = models.PositiveIntegerField(null=True, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    disabled_for = models.CharField(max_length=16, choices=Cause, blank=True)
    velocity_freeze = models.BooleanField(default=True, help_text="Freeze it when it spends far more than usual.")
    velocity_known_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then its spending is taken for known, and doesn’t freeze it."
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    replaced_by = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="replaces")
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_from = models.GenericIPAddressField(null=True, blank=True)
    last_used_model = models.CharField(max_length=80, blank=True)
    facts_version = models.BigIntegerField(default=1, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["organization", "-created_at"], name="keys_by_organization")]
        constraints = [
            models.CheckConstraint(condition=Q(status="revoked") ^ Q(revoked_at=None), name="a_revoked_key_says_when"),
            models.CheckConstraint(
                condition=Q(kind="admin", environment="admin") | ~(Q(kind="admin") | Q(environment="admin")),
                name="an_admin_key_says_so_in_its_text",
            ),
            models.CheckConstraint(
                condition=Q(disabled_for="") | Q(status="disabled"), name="only_a_disabled_key_says_what_for"
            ),
            models.CheckConstraint(
                condition=Q(*[Q(**{limit: None}) | Q(**{f"{limit}__gte": 1}) for limit in RATE_LIMITS]),
                name="a_limit_of_a_key_lets_something_pass",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def limits(self) -> RateLimits:
        """What the key may ask for, beside its organization's own limits."""
        return RateLimits(**{limit: getattr(self, limit) for limit in RATE_LIMITS})

    @property
    def prefix(self) -> str:
        """What pages and logs show: enough to find the key, nothing to call with."""
        return f"{settings.KEY_BRAND}_{self.environment}_{self.key_id}"

    @property
    def is_frozen(self) -> bool:
        return self.status == self.Status.DISABLED and self.disabled_for == self.Cause.VELOCITY

    def is_watched(self, at: datetime) -> bool:
        """Whether spending far out of its usual freezes it. Asks for the organization."""
        is_known = self.velocity_known_until is not None and self.velocity_known_until > at
        return self.organization.velocity_freeze and self.velocity_freeze and not is_known

    def is_usable(self, at: datetime) -> bool:
        return self.status == self.Status.ACTIVE and not self.is_expired(at)

    def is_expired(self, at: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= at
