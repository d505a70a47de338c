"""Facts as the control plane would publish them, written through `core.wire` directly."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import redis

from core import wire
from core.budget_wire import COPY_BUDGETS_IF_NEWER, BudgetFacts, budgets_at, copy_words, spent_at
from core.ids import uuid7
from core.tokens import Environment, KeyToken, keyed_hash, new_token
from core.wire import KeyFacts, ModelFacts, OrganizationFacts, PriceFacts, RateLimits, UpstreamFacts

PEPPER_ID, PEPPER = "p1", bytes.fromhex("5a" * 32)
# Picodollars per token: $1.25, $0.15 and $4.25 per million.
PRICES = {"input": 1_250_000, "cache_read": 150_000, "output": 4_250_000, "reasoning": 4_250_000}
PRICE = PriceFacts(id="0197f000-0000-7000-8000-000000000001", valid_from=0.0, prices=PRICES)
SPARK = ModelFacts(
    version=1,
    id="0197f000-0000-7000-8000-000000000002",
    slug="muse-spark",
    name="Muse Spark",
    owned_by="muse",
    created=1_767_225_600,
    status="callable",
    is_public=True,
    kind="chat",
    context_window=262_144,
    max_output_tokens=8_192,
    currency="USD",
    prices=(PRICE,),
)
CLOSED = -1
EMBED = replace(SPARK, id="0197f000-0000-7000-8000-000000000003", slug="muse-embed", kind="embedding")


def upstream(model: str, *, url: str = "", name: str = "first", **fields: Any) -> UpstreamFacts:
    """A server that calls the model `model`; without a URL the gateway's MODEL_SERVER_URL."""
    return UpstreamFacts(id=str(uuid7()), name=name, url=url, model=model, **({"dialect": "openai_chat"} | fields))


SERVED = upstream("muse-spark")


@dataclass(frozen=True)
class Account:
    """An organization with one key, and the key in clear."""

    organization: OrganizationFacts
    key: KeyFacts
    token: KeyToken

    @property
    def id(self) -> UUID:
        return UUID(self.organization.id)


def new_account(*, limits: RateLimits | None = None, models: tuple[str, ...] = (), brand: str = "tw") -> Account:
    token = new_token(brand, Environment.LIVE)
    organization = OrganizationFacts(
        version=1,
        id=str(uuid7()),
        name="Ada's",
        status="active",
        limits=limits or RateLimits(),
        plan="demo",
        models=models,
    )
    key = KeyFacts(
        version=1,
        id=str(uuid7()),
        key_id=token.key_id,
        organization=organization.id,
        project=str(uuid7()),
        name="test",
        hash=keyed_hash(token, PEPPER),
        pepper=PEPPER_ID,
        status="active",
    )
    return Account(organization, key, token)


class Publisher:
    """Writes facts and announces them, as `COPY_IF_NEWER` does in production."""

    def __init__(self, connection: "redis.Redis") -> None:
        self._redis = connection

    def everything(self, *models: ModelFacts) -> None:
        for model in models:
            self.model(model)
        self._redis.set(wire.published_at(wire.HOME), "1")

    def model(self, model: ModelFacts) -> None:
        self._redis.sadd(wire.MODELS, model.slug)
        self._copy(wire.model_facts_at(model.slug), model)

    def account(self, account: Account, *, micros: int | None = 5_000_000) -> Account:
        """`micros` None publishes no wallet."""
        self._copy(wire.organization_facts_at(account.organization.id), account.organization)
        self._copy(wire.key_facts_at(account.key.key_id), account.key)
        if micros is not None:
            self.budgets(account)
            self.wallet(account, micros=micros, version=0)
        return account

    def budgets(self, account: Account, *budgets: BudgetFacts, version: int = 0) -> None:
        keys = budgets_at(account.id), spent_at(account.id)
        self._redis.eval(COPY_BUDGETS_IF_NEWER, len(keys), *keys, *copy_words(version, budgets))

    def wallet(self, account: Account, *, micros: int, version: int) -> None:
        at = wire.wallet_at(account.organization.id)
        if self._redis.eval(wire.COPY_WALLET_IF_NEWER, 1, at, str(version), str(micros)) == CLOSED:
            keys = at, wire.opening_at(account.organization.id)
            self._redis.eval(wire.BEGIN_OPENING, 2, *keys, "test")
            self._redis.eval(wire.OPEN_WALLET, 2, *keys, str(version), str(micros), "test")

    def _copy(self, at: str, facts: KeyFacts | OrganizationFacts | ModelFacts) -> None:
        self._redis.eval(wire.COPY_IF_NEWER, 1, at, wire.encode(facts), str(facts.version), wire.CHANNEL)
