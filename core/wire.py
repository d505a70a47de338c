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
| `{<home>}:published`     | present once everything has been published; absent after Redis was emptied |
| `{<home>}:publishing`    | note of the latest run that publishes everything |
| `{facts}:needed`         | list: Redis keys that a gateway missed, which the publisher waits for |
| `{<organization>}:opening` | hash of rounds in which gateways register holds before the wallet is opened again |
| `{holds:<round>}`        | list: numbers of the gateways that have registered their holds in that round |

A home is a hash tag that a server loses together with its other keys: `facts`, or one for each primary of a cluster.

A wallet that Redis has lost took the organization's holds along. It is opened again only after every living gateway has
registered its holds: `BEGIN_OPENING`, a round announced on `CHANNEL`, `OPEN_WALLET`. See docs/algorithms/faults.md.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from core.service_tier import ServiceTier

CHANNEL = "facts"
MODELS = "models"
HOME = "facts"
NEEDED = "{facts}:needed"
ROUND_PREFIX = "holds:"
# The class of the advisory locks in PostgreSQL by which gateways show that they live; the object is their number.
PRESENCE = 0x746F6C6C
KEYS_USED = "{keys:used}"
# Of a model's name; a longer one is nobody's.
LONGEST_SLUG = 80
KEY_PREFIX = "key:"
MODEL_PREFIX = "model:"


def key_facts_at(key_id: str) -> str:
    return f"{KEY_PREFIX}{key_id}"


def model_facts_at(slug: str) -> str:
    return f"{MODEL_PREFIX}{slug}"


def organization_facts_at(organization: UUID | str) -> str:
    return f"{{{organization}}}:org"


def wallet_at(organization: UUID | str) -> str:
    return f"{{{organization}}}:wallet"


def end_customer_facts_at(organization: UUID | str, external_id: str) -> str:
    return f"{{{organization}}}:customer:{external_id}"


def published_at(home: str) -> str:
    return f"{{{home}}}:published"


def publishing_at(home: str) -> str:
    return f"{{{home}}}:publishing"


def opening_at(organization: UUID | str) -> str:
    return f"{{{organization}}}:opening"


def round_announcement(round_: str) -> str:
    return f"{ROUND_PREFIX}{round_}"


def registrations_at(round_: str) -> str:
    return f"{{{ROUND_PREFIX}{round_}}}"


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
    status: str  # active | disabled | frozen | archived (its project is) | revoked
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

# A state is copied, never an increment replayed. A wallet that is not open stays closed: the state waits beside it.
# Answers 1 where written, 0 where what stands there is as new or newer, -1 where the wallet is closed.
SET_WALLET = """
local function set_wallet(key, version, available)
  local open = redis.call('HGET', key, 'version')
  local prefix = open and '' or 'next_'
  local present = open or redis.call('HGET', key, 'next_version')
  local is_newer = not present or tonumber(present) < tonumber(version)
  if is_newer then redis.call('HSET', key, prefix .. 'version', version, prefix .. 'available', available) end
  if not open then return -1 end
  return is_newer and 1 or 0
end
"""

# KEYS[1] the wallet's key; ARGV[1] version, ARGV[2] available micro-dollars.
COPY_WALLET_IF_NEWER = f"{SET_WALLET} return set_wallet(KEYS[1], ARGV[1], ARGV[2])"

# KEYS[1] the wallet's key, KEYS[2] its openings; ARGV[1] the round. Answers 1 where the wallet is closed.
BEGIN_OPENING = """
if redis.call('HEXISTS', KEYS[1], 'version') == 1 then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], 1)
redis.call('PEXPIRE', KEYS[2], 600000)
return 1
"""

# KEYS[1] the wallet's key, KEYS[2] its openings; ARGV[1] version, ARGV[2] available micro-dollars, ARGV[3] the round.
# Answers 0 where Redis has lost the round too, and with it what was registered in it.
OPEN_WALLET = f"""{SET_WALLET}
if redis.call('HEXISTS', KEYS[2], ARGV[3]) == 0 then return 0 end
set_wallet(KEYS[1], ARGV[1], ARGV[2])
if redis.call('HEXISTS', KEYS[1], 'version') == 0 then
  local newest = redis.call('HMGET', KEYS[1], 'next_version', 'next_available')
  redis.call('HSET', KEYS[1], 'version', newest[1], 'available', newest[2])
  redis.call('HDEL', KEYS[1], 'next_version', 'next_available')
end
redis.call('DEL', KEYS[2])
return 1
"""

# KEYS[1] the note of who publishes, KEYS[2] the mark that everything is there; ARGV[1] the note. A run that is not the
# latest, or that lost its beginning with Redis, marks nothing.
MARK_PUBLISHED = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], '1')
return 1
"""
