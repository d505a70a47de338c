"""Lines in flight: as many at once as the pace allows. One thread asks the database, the others wait for gateways."""

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Self
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from batches.judge_answer import Fate, judge_answer
from batches.models import Batch, BatchLine
from batches.pace import Pace
from batches.send import Answer, NoAnswer, send_line
from batches.store_answer import claim, end_unsent_lines, put_back, store_answer

STEP_SECONDS = 1.0
LONGEST_PAUSE = 3.0


class Sending:
    """Leaving the block waits for what is in flight, so that nothing that was charged is thrown away."""

    def __init__(self, batch: Batch, lease: UUID) -> None:
        self._batch = batch
        self._lease = lease
        self._pool = ThreadPoolExecutor(settings.BATCH_CONCURRENCY, thread_name_prefix="line")
        self._in_flight: dict[Future[Answer], BatchLine] = {}
        self._is_over = False
        self.pace = Pace(settings.BATCH_CONCURRENCY)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def step(self, *, may_send: Callable[[], bool]) -> bool:
        """Send, and store what has been answered, for a second at most; answer whether there is more to wait for."""
        is_open = may_send() and not self._is_over
        if is_open:
            self._send()
        if not self._in_flight:
            return is_open and self._pause()
        done, _ = wait(self._in_flight, timeout=STEP_SECONDS, return_when=FIRST_COMPLETED)
        for future in done:
            self._store(self._in_flight.pop(future), future)
        return True

    def _pause(self) -> bool:
        """Wait for what is worth waiting for; answer False where another batch had better have this worker."""
        seconds = self.pace.not_before - time.monotonic()
        if not 0 < seconds <= LONGEST_PAUSE:
            return False
        time.sleep(min(seconds, STEP_SECONDS))
        return True

    def _send(self) -> None:
        free = self.pace.free(len(self._in_flight), now=time.monotonic())
        lines = claim(self._batch.pk, self._lease, free) if free else []
        for line in lines:
            self._in_flight[self._pool.submit(send_line, self._batch, line)] = line

    def _store(self, line: BatchLine, future: Future[Answer]) -> None:
        line.batch = self._batch
        try:
            answer = future.result()
        except NoAnswer as lost:
            put_back(line, self._lease, is_lost=lost.was_sent)
            self.pace.refused(wait=1.0, now=time.monotonic())
            return
        judged = judge_answer(answer, endpoint=self._batch.endpoint, tries=line.tries)
        if judged.fate is Fate.AGAIN:
            put_back(line, self._lease, is_lost=False, is_try=judged.is_try)
            self.pace.refused(wait=judged.wait, now=time.monotonic())
            return
        store_answer(line, self._lease, answer, judged, now=timezone.now())
        if judged.fate is Fate.ENDS_THE_BATCH:
            self._is_over = True
            self._end_with(answer)
        elif judged.fate is Fate.SUCCEEDED:
            self.pace.succeeded(room=judged.room, now=time.monotonic())

    def _end_with(self, answer: Answer) -> None:
        """What is in flight may still be answered; what was not sent has the same error."""
        end_unsent_lines(self._batch, self._lease, BatchLine.State.ERRORED, now=timezone.now(), answer=answer)
