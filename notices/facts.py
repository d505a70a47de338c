"""Publishing facts: versioned copies in Redis of what PostgreSQL holds, for the gateways.

Every function raises `redis.RedisError` while Redis is away. Actions publish with `accounts.after_commit`, which logs
the error and lets the action stand: the periodic publisher brings the copy later, because a copy is written whenever
its version is newer than what stands there.
"""

from collections.abc import Iterable
from enum import IntEnum
from functools import cache
from secrets import token_hex
from typing import cast
from uuid import UUID

from django.conf import settings
from redis import Redis
from redis.cluster import ClusterNode, RedisCluster
from redis.connection import SSLConnection, parse_url

from core import wire
from core.budget_wire import COPY_BUDGETS_IF_NEWER, BudgetFacts, budgets_at, copy_words, spent_at
from core.redis_place import RedisPlace, redis_place, tag_in
from core.wire import EndCustomerFacts, KeyFacts, ModelFacts, OrganizationFacts

# Seconds. An action that publishes after its commit keeps a person waiting for this long at most.
TIMEOUT = 2.0
MOST_NEEDS = 10_000


class Copied(IntEnum):
    """What became of a wallet's copy."""

    CLOSED = -1
    AS_NEW = 0
    WRITTEN = 1


@cache
def redis_client() -> Redis:
    """Answer this process's client; its connections are made on demand, and anew in a forked process."""
    place = redis_place(settings.REDIS_URL)
    if not place.is_cluster:
        return Redis.from_url(place.seeds[0], socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
    return cast("Redis", _cluster(place))


def _cluster(place: RedisPlace) -> RedisCluster:
    """It has the methods of a single server's client, and finds the node by the key."""
    seeds = [parse_url(seed) for seed in place.seeds]  # type: ignore[no-untyped-call]
    nodes = [ClusterNode(seed.pop("host"), seed.pop("port", 6379)) for seed in seeds]  # type: ignore[no-untyped-call]
    is_tls = seeds[0].pop("connection_class", None) is SSLConnection
    return RedisCluster(
        startup_nodes=nodes, ssl=is_tls, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, **seeds[0]
    )


def _homes() -> list[str]:
    """As `gateway.redis_cluster` counts them."""
    client: object = redis_client()
    if not isinstance(client, RedisCluster):
        return [wire.HOME]
    slots = client.nodes_manager.slots_cache
    first = {nodes[0].name: slot for slot, nodes in sorted(slots.items(), reverse=True) if nodes}
    return [tag_in(slot) for slot in first.values()]


def publish_facts(redis_key: str, facts: KeyFacts | OrganizationFacts | EndCustomerFacts | ModelFacts) -> bool:
    """Write and announce the facts; answer False where what stands there is as new or newer."""
    arguments = (wire.encode(facts), facts.version, wire.CHANNEL)
    return bool(redis_client().eval(wire.COPY_IF_NEWER, 1, redis_key, *map(str, arguments)))


def read_key(key_id: str) -> KeyFacts | None:
    """Answer the key as gateways know it."""
    text = _read(wire.key_facts_at(key_id))
    return wire.decode_key(text) if text else None


def read_organization(organization_id: str) -> OrganizationFacts | None:
    text = _read(wire.organization_facts_at(organization_id))
    return wire.decode_organization(text) if text else None


def read_model(slug: str) -> ModelFacts | None:
    text = _read(wire.model_facts_at(slug))
    return wire.decode_model(text) if text else None


def _read(redis_key: str) -> bytes | None:
    found = redis_client().get(redis_key)
    assert found is None or isinstance(found, bytes)
    return found


def list_model(slug: str) -> None:
    """Name the model in the set that gateways list."""
    redis_client().sadd(wire.MODELS, slug)


def copy_wallet(organization_id: UUID, version: int, available_micros: int) -> Copied:
    """Write what an organization may spend, if it is newer; a wallet that Redis has lost stays closed."""
    key = wire.wallet_at(organization_id)
    return Copied(redis_client().eval(wire.COPY_WALLET_IF_NEWER, 1, key, str(version), str(available_micros)))


def begin_opening(organization_id: UUID, round_: str) -> bool:
    """Mark a closed wallet as being opened in this round; answer False where it is open."""
    keys = wire.wallet_at(organization_id), wire.opening_at(organization_id)
    return bool(redis_client().eval(wire.BEGIN_OPENING, 2, *keys, round_))


def open_wallet(organization_id: UUID, version: int, available_micros: int, round_: str) -> bool:
    """Open the wallet; answer False where Redis was emptied since the round began for it."""
    keys = wire.wallet_at(organization_id), wire.opening_at(organization_id)
    return bool(redis_client().eval(wire.OPEN_WALLET, 2, *keys, str(version), str(available_micros), round_))


def announce_round(round_: str) -> None:
    """Ask every gateway to register its holds now."""
    redis_client().publish(wire.CHANNEL, wire.round_announcement(round_))


def next_registration(round_: str, seconds: float) -> int | None:
    """Wait for the number of a gateway that has registered its holds in this round; None after `seconds`."""
    found = redis_client().blpop([wire.registrations_at(round_)], timeout=seconds)
    return int(found[1]) if isinstance(found, (list, tuple)) else None


def need(redis_key: str) -> None:
    """Tell the publisher that something is missing."""
    redis_client().rpush(wire.NEEDED, redis_key)


def wait_for_needs(seconds: float) -> set[str]:
    """Wait until gateways miss something; answer the Redis keys of all that is asked for by then."""
    client = redis_client()
    found = client.blpop([wire.NEEDED], timeout=seconds)
    if not isinstance(found, (list, tuple)):
        return set()
    others = client.lpop(wire.NEEDED, MOST_NEEDS)
    return {each.decode() for each in (found[1], *(others if isinstance(others, list) else ()))}


def copy_budgets(organization_id: UUID, version: int, budgets: Iterable[BudgetFacts]) -> bool:
    """Write the budgets that refuse, none perhaps, and what was spent; answer False where none of them is newer."""
    keys = budgets_at(organization_id), spent_at(organization_id)
    return bool(redis_client().eval(COPY_BUDGETS_IF_NEWER, len(keys), *keys, *copy_words(version, budgets)))


def is_published() -> bool:
    """Tell whether everything has been published since any server was last emptied."""
    client = redis_client()
    return all(client.exists(wire.published_at(home)) for home in _homes())


def begin_publishing() -> dict[str, str]:
    """Note in each server that everything is being published now; answer the notes."""
    notes = {home: token_hex(8) for home in _homes()}
    for home, note in notes.items():
        redis_client().set(wire.publishing_at(home), note)
    return notes


def mark_published(publishing: dict[str, str]) -> None:
    """Say that everything is there, but not in a server that was emptied since, or where somebody began later."""
    for home, note in publishing.items():
        redis_client().eval(wire.MARK_PUBLISHED, 2, wire.publishing_at(home), wire.published_at(home), note)
