"""A Redis Cluster as one pipe: a pipelined connection to each primary, chosen by the slot of a command's first key.

Commands for one organization go to one node in the order in which they were written. What the cluster answers about a
slot that has moved is followed, and its map is read again.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import hiredis

from core.redis_place import SLOTS, RedisPlace, slot_of, tag_in
from gateway import log
from gateway.redis_node import RedisNode
from gateway.redis_pipe import RedisDown

# Seconds between two looks at the map: in quiet times, and while a primary is away or something has moved.
LOOK_EVERY, LOOK_SOON = 5.0, 0.25
MOST_TURNS = 5
SCRIPTS = ("EVAL", "EVALSHA")
Address = tuple[str, int]
Words = tuple[str | bytes | int, ...]


class RedisCluster:
    def __init__(self, place: RedisPlace) -> None:
        self._seeds = [RedisNode(url) for url in place.seeds]
        self._like = place.seeds[0]
        self._nodes: dict[Address, RedisNode] = {}
        self._slots: list[RedisNode | None] = [None] * SLOTS
        self._homes: dict[RedisNode, str] = {}
        self._tasks: dict[RedisNode, asyncio.Task[None]] = {}
        self._look_now = asyncio.Event()
        self._visits: set[asyncio.Task[None]] = set()

    @property
    def is_ready(self) -> bool:
        return any(node.is_ready for node in self._homes)

    @property
    def connections(self) -> int:
        return sum(node.connections for node in self._homes)

    async def run(self) -> None:
        for seed in self._seeds:
            self._tasks[seed] = asyncio.create_task(seed.run())
        try:
            while True:
                await self._look()
                soon = not self._homes or not all(node.is_ready for node in self._homes)
                await self._wait(LOOK_SOON if soon else LOOK_EVERY)
        finally:
            for task in self._tasks.values():
                task.cancel()

    def call(self, *words: str | bytes | int) -> asyncio.Future[Any]:
        node = self._node_for(words)
        outcome: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if node is None:
            outcome.set_exception(RedisDown("No node of the Redis Cluster serves this key."))
        else:
            node.call(*words).add_done_callback(self._hand_on(outcome, words, MOST_TURNS))
        return outcome

    def home_of(self, redis_key: str) -> str:
        node = self._slots[slot_of(redis_key)]
        return self._homes.get(node, "") if node is not None else ""

    def homes(self) -> list[str]:
        return list(self._homes.values())

    def _node_for(self, words: Words) -> RedisNode | None:
        key = words[3] if words[0] in SCRIPTS else words[1]
        return self._slots[slot_of(key if isinstance(key, bytes) else str(key))]

    def _hand_on(self, outcome: asyncio.Future[Any], words: Words, turns: int) -> Callable[[asyncio.Future[Any]], None]:
        """Give the reply to who waits for it, or follow it to the node that it names."""

        def hand_on(reply: asyncio.Future[Any]) -> None:
            error = reply.exception() if not reply.cancelled() else RedisDown("The gateway stops.")
            if outcome.done():
                return
            if error is None:
                outcome.set_result(reply.result())
            elif isinstance(error, hiredis.ReplyError) and turns:
                self._follow(error, outcome, words, turns)
            else:
                outcome.set_exception(error)

        return hand_on

    def _follow(self, error: hiredis.ReplyError, outcome: asyncio.Future[Any], words: Words, turns: int) -> None:
        kind, *where = str(error).split()
        if kind in ("MOVED", "ASK"):
            node = self._node_at(_address(where[1]))
            if kind == "MOVED":
                self._slots[int(where[0])] = node
                self._look_now.set()
            self._call_there(node, words, self._hand_on(outcome, words, turns - 1), is_asking=kind == "ASK")
        elif kind in ("CLUSTERDOWN", "LOADING", "TRYAGAIN", "READONLY", "MASTERDOWN"):
            self._look_now.set()
            outcome.set_exception(RedisDown(str(error)))
        else:
            outcome.set_exception(error)

    def _call_there(
        self, node: RedisNode, words: Words, then: Callable[[asyncio.Future[Any]], None], *, is_asking: bool
    ) -> None:
        if not node.is_ready:
            task = asyncio.create_task(node.until_ready())
            self._visits.add(task)
            task.add_done_callback(self._visits.discard)
            task.add_done_callback(lambda _: self._call_now(node, words, then, is_asking=is_asking))
        else:
            self._call_now(node, words, then, is_asking=is_asking)

    def _call_now(
        self, node: RedisNode, words: Words, then: Callable[[asyncio.Future[Any]], None], *, is_asking: bool
    ) -> None:
        if is_asking:
            node.call("ASKING").add_done_callback(_look_at)
        node.call(*words).add_done_callback(then)

    def _node_at(self, address: Address) -> RedisNode:
        node = self._nodes.get(address)
        if node is None:
            node = self._nodes[address] = RedisNode.beside(self._like, *address)
            self._tasks[node] = asyncio.create_task(node.run())
        return node

    async def _look(self) -> None:
        """Read the map from whichever node answers."""
        for node in [*self._nodes.values(), *self._seeds]:
            try:
                if node.is_ready:
                    self._learn(await node.call("CLUSTER", "SLOTS"))
                    return
            except (RedisDown, hiredis.HiredisError) as error:
                log.line("redis_cluster.no_map", error=str(error))

    def _learn(self, ranges: list[list[Any]]) -> None:
        slots: list[RedisNode | None] = [None] * SLOTS
        homes: dict[RedisNode, str] = {}
        for begin, end, primary, *_ in sorted(ranges):
            node = self._node_at((primary[0].decode() or self._seeds[0].host, primary[1]))
            slots[begin : end + 1] = [node] * (end + 1 - begin)
            homes.setdefault(node, tag_in(begin))
        self._slots, self._homes = slots, homes
        for address, node in list(self._nodes.items()):
            if node not in homes and not node.is_ready:
                del self._nodes[address]
                self._tasks.pop(node).cancel()

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._look_now.wait(), seconds)
            await asyncio.sleep(LOOK_SOON)
        except TimeoutError:
            pass
        self._look_now.clear()


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return host, int(port)


def _look_at(done: asyncio.Future[Any]) -> None:
    """An error that nobody looks at is complained about; the command that follows meets the same."""
    if not done.cancelled():
        done.exception()
