"""The gateway's way to Redis: one pipelined connection per process, or one per node of a Redis Cluster.

Several times cheaper than a pool for each request, and what one task writes before another reaches Redis before it.
Commands of one turn of the event loop leave in one write: a write costs as much as everything else about a command.
"""

import asyncio
from typing import Any, Protocol


class RedisDown(Exception):
    """Redis can't be reached, or lost the connection before it answered."""


class RedisPipe(Protocol):
    @property
    def is_ready(self) -> bool:
        """Tell whether commands are taken; in a cluster, by some node at least."""

    @property
    def connections(self) -> int:
        """How many were made: after another one, what was written before may be lost."""

    async def run(self) -> None:
        """Connect, and connect again whenever a connection is lost, until cancelled."""

    def call(self, *words: str | bytes | int) -> asyncio.Future[Any]:
        """Write now; the future answers the reply. Raises nothing itself.

        Without a connection it fails at once with `RedisDown`. The command's first key chooses the node.
        """

    def home_of(self, redis_key: str) -> str:
        """Answer a hash tag whose keys Redis would lose together with this one."""

    def homes(self) -> list[str]:
        """Answer one such tag for each server that may lose its keys by itself."""
