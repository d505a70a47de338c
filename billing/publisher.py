"""Brings to Redis what gateways miss: first what they ask for, then everything else, bit by bit.

Redis may be emptied under a running product, and what it held can take longer to publish than anyone wants to wait: the
keys, models and organizations that are asked for at this moment come back within milliseconds.
"""

import logging
import time
from collections.abc import Callable, Iterator
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import connection
from redis.exceptions import RedisError

from billing.allowance import publish_in_parts, publish_limits
from billing.opening import GatewaysSilent, open_wallets
from catalog.facts import publish_model_called
from core.wire import KEY_PREFIX, MODEL_PREFIX
from keys.facts import publish_key_of
from notices.facts import is_published, wait_for_needs

logger = logging.getLogger(__name__)

IDLE, BUSY, RETRY_AFTER = 1.0, 0.01, 0.2  # seconds
PATIENCE = 0.3
# The holds of a gateway that has been silent for longer would have expired in a Redis that was never lost.
GIVEN_UP_AFTER = 130.0


class Publisher:
    """One process is enough; several do no harm."""

    def __init__(self) -> None:
        self._rest: Iterator[int] | None = None
        self._closed: set[UUID] = set()
        self._silent_since: dict[int, float] = {}

    def run(self, *, until: Callable[[], bool]) -> None:
        """Publish until told to end; while Redis or PostgreSQL is away, try again and again."""
        while not until():
            try:
                self.step()
            except (RedisError, DatabaseError) as error:
                logger.warning("Nothing can be published now: %s", error)
                self._rest = None
                connection.close()
                time.sleep(RETRY_AFTER)

    def step(self) -> None:
        """Wait a moment for what gateways miss, and publish it and a part of the rest."""
        is_busy = self._rest is not None or bool(self._closed)
        for redis_key in wait_for_needs(BUSY if is_busy else IDLE):
            self._publish(redis_key)
        self._open_wallets()
        if self._rest is None and not is_published():
            self._rest = publish_in_parts()
        if self._rest is not None and next(self._rest, None) is None:
            self._rest = None

    def _publish(self, redis_key: str) -> None:
        if redis_key.startswith(MODEL_PREFIX):
            publish_model_called(redis_key.removeprefix(MODEL_PREFIX))
        organization_id = _organization_of(redis_key)
        if organization_id is not None:
            publish_limits(organization_id)
            self._closed.add(organization_id)

    def _open_wallets(self) -> None:
        """Gateways that live but say nothing are waited for, as long as their holds would have lasted."""
        now = time.monotonic()
        given_up = frozenset(number for number, since in self._silent_since.items() if now - since > GIVEN_UP_AFTER)
        try:
            open_wallets(self._closed, first=publish_limits, patience=PATIENCE, without=given_up)
        except GatewaysSilent as silent:
            logger.warning("%s", silent)
            self._silent_since = {number: self._silent_since.get(number, now) for number in silent.numbers | given_up}
        else:
            self._closed.clear()


def _organization_of(redis_key: str) -> UUID | None:
    """Publish a key, and answer whose it is: whoever asks for a key will ask for its organization next."""
    if redis_key.startswith(KEY_PREFIX):
        return publish_key_of(redis_key.removeprefix(KEY_PREFIX))
    try:
        return UUID(redis_key.partition("{")[2].partition("}")[0])
    except ValueError:
        return None
