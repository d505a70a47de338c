"""Messages of an upstream of the same dialect: its events go on."""

from core.usage import TokenCounts
from core.verdict import Verdict
from core.wire import ModelFacts
from gateway.dialects.anthropic_messages.reader import MessagesReader
from gateway.dialects.anthropic_messages.writer import MessagesWriter
from gateway.dialects.passing import PassingReading
from gateway.dialects.renaming import Renaming
from gateway.dialects.spoken import Asked


def passing(asked: Asked, model: ModelFacts, rename: Renaming, prompt_bytes: int) -> PassingReading:
    reader = MessagesReader()

    def fail(verdict: Verdict, counts: TokenCounts) -> bytes:
        return MessagesWriter(asked, model).fail(verdict, reader.answer, counts)

    return PassingReading(reader, rename, fail, prompt_bytes=prompt_bytes)
