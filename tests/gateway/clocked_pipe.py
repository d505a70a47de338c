"""A pipe to the real Redis whose scripts read a clock that the test sets; everything else in them is as it is."""

import asyncio
from datetime import datetime
from typing import Any, cast

import hiredis
import redis as redis_client
from django.conf import settings

from gateway.redis_pipe import RedisPipe
from gateway.scripts import SCRIPTS

TEXTS = {script.sha: script.text for script in SCRIPTS}
CLOCK = "redis.call('TIME')"


class ClockedPipe:
    """Answers as `RedisPipe` does. Each command is done when `call` returns."""

    is_ready = True

    def __init__(self, now: datetime) -> None:
        assert all(CLOCK in text for text in TEXTS.values())
        self.now = now
        self.redis = redis_client.Redis.from_url(settings.REDIS_URL)

    def call(self, *words: str | int) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        kind, script, *rest = words
        text = TEXTS.get(str(script), str(script))
        seconds, micros = divmod(int(self.now.timestamp() * 1_000_000), 1_000_000)
        assert kind in {"EVAL", "EVALSHA"}
        try:
            done = self.redis.eval(text.replace(CLOCK, f"{{{seconds}, {micros}}}"), *rest)  # type: ignore[arg-type]
        except redis_client.ResponseError as error:
            future.set_exception(hiredis.ReplyError(str(error)))
        else:
            future.set_result(done)
        return future

    @property
    def pipe(self) -> RedisPipe:
        return cast("RedisPipe", self)
