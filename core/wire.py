"""What travels through Redis: versioned facts that the control plane publishes and the gateway reads.

Facts are JSON under one key each, written only over a lower version (`COPY_IF_NEWER`), and each write is announced
on `CHANNEL` with the Redis key as its text, so that every gateway drops its in-process copy. Everything that belongs
to one organization carries the hash tag `{organization id}`, so that a script touches one slot of a Redis Cluster.

| Redis key                | value                                       |
|---                       |---                                          |
| `key:<key id>`           | KeyFacts                                    |
| `model:<slug>`           | ModelFacts                                  |
| `models`                 | set of slugs                                |
| `{<organization>}:org`   | OrganizationFacts                           |
| `{<organization>}:wallet`| hash: `version`, `available` (micro-dollars)|
| `{<organization>}:budgets`, `…:spent` | see `core/budget_wire.py` |
| `{<organization>}:customer:<external id>` | EndCustomerFacts |
| `{keys:used}`            | hash of key row ids: LastUse, until a job has copied it into PostgreSQL |
| `facts:published`        | present once everything has been published; absent after Redis was emptied |
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from core.service_tier import ServiceTier

CHANNEL = "facts"
MODELS = "models"
PUBLISHED = "facts:published"
KEYS_USED = "{keys:used}"
KEY_PREFIX = "key:"


def key_facts_at(key_id: str) -> str:
    return f"{KEY_PREFIX}{key_id}"


def model_facts_at(slug: str) -> str:
    return f"model:{slug}"


def organization_facts_at(organization: UUID | str) -> str:
    return f"{{{organization}}}:org"


def wallet_at(organization: UUID | str) -> str:
    return f"{{{organization}}}:wallet"


def end_customer_facts_at(organization: UUID | str, external_id: str) -> str:
    return f"{{{organization}}}:customer:{external_id}"


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Of an organization or of one key. None means unlimited. Days are in UTC."""

    requests_per_minute: int | None = None
    input_tokens_per_minute: int | None = None
    output_tokens_per_minute: int | None = None
    concurrent_requests: int | None = None
    requests_per_day: int | None = None


UNLIMITED = RateLimits()


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """One API key. Instants are Unix seconds.

    `models` empty means every model that the organization may call; `denied_models` are taken away from either.
    `networks` empty means that it may be used from any address. `limits` stand beside the organization's own.
    """

    version: int
    id: str  # UUID of the row
    key_id: str
    organization: str
    project: str
    name: str
    hash: str
    pepper: str
    status: str  # active | disabled | archived (its project is) | revoked
    expires_at: float | None = None
    scopes: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    kind: str = "secret"  # secret | restricted | service_account | admin
    denied_models: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    limits: RateLimits = UNLIMITED
    member: str = ""  # the id of the user who made it; empty where nobody is known


@dataclass(frozen=True, slots=True)
class OrganizationFacts:
    """`models` are the slugs that the organization may call besides the public ones."""

    version: int
    id: str
    name: str
    status: str  # active | suspended
    limits: RateLimits
    plan: str
    models: tuple[str, ...] = ()
    has_end_customers: bool = False  # saves everybody else the look-up


@dataclass(frozen=True, slots=True)
class EndCustomerFacts:
    """A customer of the developer, whose requests are told apart, capped and suspended."""

    version: int
    id: str  # UUID of the row
    name: str
    status: str  # active | suspended


@dataclass(frozen=True, slots=True)
class PriceFacts:
    """A price version: picodollars per token by token class, in force from `valid_from` (Unix seconds).

    `prices` are those of the standard service tier, `tiers` those of the other tiers that are sold.
    """

    id: str
    valid_from: float
    prices: Mapping[str, int]
    organization: str | None = None  # set where a contract overrides the list price
    tiers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def of_tier(self, tier: str) -> Mapping[str, int] | None:
        """The prices of a service tier; None where it isn't sold."""
        return self.prices if tier == ServiceTier.STANDARD else self.tiers.get(tier)


@dataclass(frozen=True, slots=True)
class UpstreamFacts:
    """One server that serves a model. Timeouts are seconds; of weight 0 it gets no new request.

    `dialect` is openai_chat, openai_responses, anthropic_messages or openai_embeddings. `credential` names a secret
    of the gateway's environment, which is never in the database or here.
    """

    id: str  # UUID of the row
    name: str
    url: str  # the base URL with its version, as https://models.example/v1; empty: the gateway's MODEL_SERVER_URL
    model: str  # what the server calls it
    dialect: str
    weight: int = 100
    connect_timeout: float = 5.0
    read_timeout: float = 600.0
    credential: str = ""  # empty: none is sent, or, where url is empty, the gateway's MODEL_SERVER_KEY


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """`prices` holds the version in force at publishing time and every later one, oldest first.

    Without `upstreams` the gateway's MODEL_SERVER_URL serves it, under its slug.
    """

    version: int
    id: str
    slug: str
    name: str
    owned_by: str
    created: int
    status: str  # callable | paused | closed; a model that is closed is treated as unknown
    is_public: bool  # callable by every organization, otherwise by those that name it
    kind: str  # chat | embedding
    context_window: int
    max_output_tokens: int
    currency: str
    prices: tuple[PriceFacts, ...] = field(default=())
    upstreams: tuple[UpstreamFacts, ...] = field(default=())
    lifecycle: str = "active"  # active | deprecated: it can be called, and will be retired
    deprecated_at: float | None = None  # Unix seconds
    retires_at: float | None = None  # Unix seconds; None where no end is planned


@dataclass(frozen=True, slots=True)
class LastUse:
    """When (Unix seconds), from where and for which model a key was used last."""

    at: float
    address: str
    model: str


def encode(facts: KeyFacts | OrganizationFacts | EndCustomerFacts | ModelFacts | LastUse) -> str:
    return json.dumps(asdict(facts), separators=(",", ":"))


def decode_key(text: str | bytes) -> KeyFacts:
    raw: dict[str, Any] = json.loads(text)
    lists = {name: tuple(value) for name, value in raw.items() if isinstance(value, list)}
    return KeyFacts(**{**raw, **lists, "limits": RateLimits(**raw.get("limits", {}))})


def decode_last_use(text: str | bytes) -> LastUse:
    return LastUse(**json.loads(text))


def decode_organization(text: str | bytes) -> OrganizationFacts:
    raw: dict[str, Any] = json.loads(text)
    return OrganizationFacts(**{**raw, "limits": RateLimits(**raw["limits"]), "models": tuple(raw["models"])})


def decode_end_customer(text: str | bytes) -> EndCustomerFacts:
    return EndCustomerFacts(**json.loads(text))


def decode_model(text: str | bytes) -> ModelFacts:
    raw: dict[str, Any] = json.loads(text)
    prices = tuple(PriceFacts(**price) for price in raw["prices"])
    upstreams = tuple(UpstreamFacts(**upstream) for upstream in raw["upstreams"])
    return ModelFacts(**{**raw, "prices": prices, "upstreams": upstreams})


# KEYS[1] the fact's key; ARGV[1] its JSON, ARGV[2] its version, ARGV[3] the channel.
# Answers 1 where written, 0 where what stands there is as new or newer.
COPY_IF_NEWER = """
local present = redis.call('GET', KEYS[1])
if present and tonumber(cjson.decode(present)['version']) >= tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[3], KEYS[1])
return 1
"""

# KEYS[1] the wallet's key; ARGV[1] version, ARGV[2] available micro-dollars.
# A state is copied, never an increment replayed.
COPY_WALLET_IF_NEWER = """
local present = redis.call('HGET', KEYS[1], 'version')
if present and tonumber(present) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'available', ARGV[2])
return 1
"""
