"""What every reading of a conversation's answer knows, whether it passes the answer on or translates it."""

from core.usage import TokenCounts
from core.verdict import Verdict
from gateway.dialects.delivered import Delivered
from gateway.dialects.spoken import Reader


class Watching:
    def __init__(self, reader: Reader, *, prompt_bytes: int) -> None:
        self._reader = reader
        self._delivered = Delivered(reader, prompt_bytes)

    @property
    def is_complete(self) -> bool:
        return self._reader.is_complete

    @property
    def has_failed(self) -> bool:
        return self._reader.failed is not None

    @property
    def failed(self) -> Verdict | None:
        return self._reader.failed

    @property
    def service_tier(self) -> str | None:
        return self._reader.answer.service_tier

    @property
    def is_estimated(self) -> bool:
        return self._delivered.is_estimated

    def counts(self) -> TokenCounts:
        return self._delivered.counts()
