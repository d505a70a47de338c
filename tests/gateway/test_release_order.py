"""What Redis did not take is sent again in the order of its first sending, however often it fails."""

import asyncio
from typing import Any
from uuid import uuid4

from gateway.redis_pipe import RedisDown
from gateway.release import Releaser


class PausedRedis:
    """Takes commands and answers none, until it is lost."""

    def __init__(self) -> None:
        self.is_ready = True
        self.connections = 1
        self.sent: list[tuple[str, asyncio.Future[Any]]] = []

    async def run(self) -> None:
        """There is nothing to connect."""

    def call(self, *words: str | bytes | int) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self.is_ready:
            self.sent.append((str(words[-1]), future))
        else:
            future.set_exception(RedisDown("It is lost."))
        return future

    def lose(self, *, seen_between: Any) -> None:
        """Whoever waited for the first command's answer acts before the second one's failure is noted."""
        self.is_ready = False
        first, *others = [future for _, future in self.sent]
        first.set_exception(RedisDown("It is lost."))
        asyncio.get_running_loop().call_soon(seen_between)
        for future in others:
            future.set_exception(RedisDown("It is lost."))
        self.sent.clear()

    def home_of(self, _redis_key: str) -> str:
        return "facts"

    def homes(self) -> list[str]:
        return ["facts"]


async def test_a_release_is_not_overtaken_by_the_hold_that_it_ends() -> None:
    redis = PausedRedis()
    releaser = Releaser(redis)
    organization, holds = str(uuid4()), [uuid4(), uuid4()]
    for hold in holds:
        releaser.abandon(organization, hold)

    redis.lose(seen_between=releaser.send_again)
    await asyncio.sleep(0.01)
    redis.is_ready = True
    releaser.send_again()

    assert [word for word, _ in redis.sent] == [str(hold) for hold in holds]
