from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from catalog.models.model import Model
from core.ids import uuid7


def validate_base_url(url: str) -> None:
    """Also names inside a network, such as http://vllm:8000/v1. A key in it would be shown on pages and in logs."""
    try:
        parts = urlsplit(url)
        is_right = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right or any(character.isspace() for character in url):
        raise ValidationError("Enter a URL such as https://models.example/v1.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValidationError("A base URL has no user, key, ? or #: name a credential instead.")


class Upstream(models.Model):
    """A server that serves a model. Requests are shared out by weight among those that are healthy."""

    class Dialect(models.TextChoices):
        OPENAI_CHAT = "openai_chat", "OpenAI chat completions"
        OPENAI_RESPONSES = "openai_responses", "OpenAI responses"
        ANTHROPIC_MESSAGES = "anthropic_messages", "Anthropic messages"
        OPENAI_EMBEDDINGS = "openai_embeddings", "OpenAI embeddings"

    MOST_WEIGHT = 1_000
    DIALECTS = {
        Model.Kind.CHAT: (Dialect.OPENAI_CHAT, Dialect.OPENAI_RESPONSES, Dialect.ANTHROPIC_MESSAGES),
        Model.Kind.EMBEDDING: (Dialect.OPENAI_EMBEDDINGS,),
    }

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    model = models.ForeignKey(Model, models.CASCADE, related_name="upstreams")
    name = models.CharField(max_length=60, help_text="As operators call it, in logs and in /healthz.")
    base_url = models.CharField(
        "base URL",
        max_length=300,
        blank=True,
        validators=[validate_base_url],
        help_text="With its version, as https://models.example/v1. Empty: the gateway's MODEL_SERVER_URL.",
    )
    model_name = models.CharField(
        "its name there", max_length=120, blank=True, help_text="What this server calls the model. Empty: the slug."
    )
    dialect = models.CharField(max_length=24, choices=Dialect, default=Dialect.OPENAI_CHAT)
    weight = models.PositiveIntegerField(
        default=100,
        validators=[MaxValueValidator(MOST_WEIGHT)],
        help_text="Share of new requests, 0 to 1000; at 0 running ones end and no new ones begin.",
    )
    is_enabled = models.BooleanField("enabled", default=True, help_text="Off counts as weight 0.")
    connect_timeout = models.PositiveIntegerField(
        default=5, validators=[MinValueValidator(1), MaxValueValidator(60)], help_text="Seconds, 1 to 60."
    )
    read_timeout = models.PositiveIntegerField(
        default=600,
        validators=[MinValueValidator(1), MaxValueValidator(3_600)],
        help_text="Seconds of silence, 1 to 3600.",
    )
    credential = models.CharField(
        max_length=60,
        blank=True,
        validators=[RegexValidator(r"\A[a-z0-9][a-z0-9_-]*\Z", "A name has lowercase letters, digits, - and _.")],
        help_text="The name of a key in the gateway's UPSTREAM_KEYS, never the key itself. Empty: no key is sent.",
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["model", "name"]
        constraints = [
            models.UniqueConstraint(fields=["model", "name"], name="one_upstream_per_name"),
            models.CheckConstraint(
                condition=Q(weight__gte=0, weight__lte=1_000), name="upstream_weights_are_at_most_1000"
            ),
            models.CheckConstraint(
                condition=Q(connect_timeout__gte=1, connect_timeout__lte=60),
                name="upstreams_connect_within_a_minute",
            ),
            models.CheckConstraint(
                condition=Q(read_timeout__gte=1, read_timeout__lte=3_600),
                name="upstreams_are_silent_for_at_most_an_hour",
            ),
            models.CheckConstraint(
                condition=Q(base_url="") | Q(base_url__startswith="http://") | Q(base_url__startswith="https://"),
                name="upstreams_are_reached_over_http",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} on {self.name}"
