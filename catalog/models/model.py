from django.db import models

from core.ids import uuid7
from core.wire import LONGEST_SLUG


class Model(models.Model):
    """An AI model, called by its slug."""

    class Stage(models.TextChoices):
        DRAFT = "draft"
        INTERNAL = "internal"
        PARTNER_PREVIEW = "partner_preview"
        WAITLIST = "waitlist"
        STAGED_ROLLOUT = "staged_rollout"
        PUBLIC_PREVIEW = "public_preview"
        GA = "ga", "generally available"
        DEPRECATED = "deprecated"
        RETIRED = "retired"

    class Kind(models.TextChoices):
        CHAT = "chat"
        EMBEDDING = "embedding"

    PUBLIC_STAGES = frozenset({Stage.PUBLIC_PREVIEW, Stage.GA, Stage.DEPRECATED})
    CLOSED_STAGES = frozenset({Stage.DRAFT, Stage.RETIRED})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=LONGEST_SLUG, unique=True, help_text="What callers put into the field model.")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.CHAT)
    stage = models.CharField(max_length=24, choices=Stage, default=Stage.DRAFT)
    is_paused = models.BooleanField(default=False)
    is_hidden = models.BooleanField(default=False, help_text="Callable, but not listed on pages.")
    deprecated_at = models.DateTimeField(null=True, blank=True, help_text="Set when the stage becomes deprecated.")
    retires_at = models.DateTimeField(
        null=True, blank=True, help_text="When calls of a deprecated model will end, as far as that is planned."
    )
    position = models.PositiveIntegerField(default=100)
    owned_by = models.CharField(max_length=80)
    summary = models.CharField(max_length=200, blank=True)
    context_window = models.PositiveIntegerField(help_text="Tokens.")
    max_output_tokens = models.PositiveIntegerField(default=0)
    licence = models.CharField(max_length=120, blank=True, help_text="Set for open weights.")
    download_url = models.URLField(blank=True, help_text="Where open weights are had; no key is needed.")
    facts_version = models.BigIntegerField(default=1, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.slug

    @property
    def is_public(self) -> bool:
        return self.stage in self.PUBLIC_STAGES

    @property
    def is_deprecated(self) -> bool:
        return self.stage == self.Stage.DEPRECATED

    @property
    def is_open_weights(self) -> bool:
        return bool(self.download_url)
