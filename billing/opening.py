"""Opening the wallets that Redis has lost. The holds were lost along with them, so that whoever is admitted before they
are back could spend what running requests have reserved: every living gateway registers its holds first.

A gateway shows that it lives by an advisory lock in PostgreSQL, which ends with its process and not with its pauses.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from secrets import token_hex
from uuid import UUID

from django.db import connection

from core import wire
from core.money import micros_down
from notices.facts import announce_round, begin_opening, next_registration, open_wallet
from usage.models import Wallet

ANNOUNCE_EVERY = 0.2
# Seconds within which a running gateway shows itself to a PostgreSQL that was started again.
SHOWN_WITHIN = 2.0
LIVING = """
    SELECT objid::bigint FROM pg_locks
    WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
AGE = "SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())"


class GatewaysSilent(Exception):
    """Living gateways have not registered their holds in time: a wallet opened now could be overspent."""

    def __init__(self, numbers: frozenset[int]) -> None:
        super().__init__(f"Gateways {sorted(numbers)} have not registered their holds yet.")
        self.numbers = numbers


def open_wallets(
    ids: Iterable[UUID], *, first: Callable[[UUID], object], patience: float, without: frozenset[int] = frozenset()
) -> int:
    """Open those wallets that are closed, and answer how many. Gateways in `without` are not waited for.

    `first` publishes whatever else limits an organization, which must stand there before anything may be spent; it is
    called after the holds were registered, so that what was settled before is counted, and the rest is held. A Redis
    that is emptied in between forgets the round as well, and nothing is opened. Raises `GatewaysSilent` after
    `patience` seconds.
    """
    round_ = token_hex(8)
    closed = [organization_id for organization_id in ids if begin_opening(organization_id, round_)]
    if closed:
        _wait_for_holds(round_, patience=patience, without=without)
    for organization_id in closed:
        first(organization_id)
    return sum(_open(wallet, round_) for wallet in Wallet.objects.filter(pk__in=closed))


def _open(wallet: Wallet, round_: str) -> bool:
    return open_wallet(wallet.organization_id, wallet.version, micros_down(wallet.available), round_)


def _wait_for_holds(round_: str, *, patience: float, without: frozenset[int]) -> None:
    """The living are asked for after the wallets were marked: a gateway that begins later finds them closed."""
    _wait_for_presence()
    registered: set[int] = set()
    deadline = time.monotonic() + patience
    while silent := _living() - registered - without:
        if time.monotonic() > deadline:
            raise GatewaysSilent(silent)
        announce_round(round_)
        while not silent <= registered and (number := next_registration(round_, ANNOUNCE_EVERY)) is not None:
            registered.add(number)


def _wait_for_presence() -> None:
    (age,) = _one(AGE)
    time.sleep(max(0.0, SHOWN_WITHIN - float(age)))


def _living() -> frozenset[int]:
    with connection.cursor() as cursor:
        cursor.execute(LIVING, [wire.PRESENCE])
        return frozenset(number for (number,) in cursor.fetchall())


def _one(query: str) -> Sequence[float]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone() or (0.0,)
