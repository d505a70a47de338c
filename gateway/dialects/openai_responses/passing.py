"""Responses of an upstream of the same dialect: its events go on, and one that breaks off gets its proper end."""

from core.usage import TokenCounts
from core.verdict import Verdict
from core.wire import ModelFacts
from gateway.dialects.openai_responses.reader import ResponsesReader
from gateway.dialects.openai_responses.writer import ResponsesWriter
from gateway.dialects.passing import PassingReading
from gateway.dialects.renaming import Renaming
from gateway.dialects.spoken import Asked


def passing(asked: Asked, model: ModelFacts, rename: Renaming, prompt_bytes: int) -> PassingReading:
    reader = ResponsesReader()

    def fail(verdict: Verdict, counts: TokenCounts) -> bytes:
        writer = ResponsesWriter(asked, model)
        writer.continue_from(reader.response, reader.sequence)
        return writer.fail(verdict, reader.answer, counts)

    return PassingReading(reader, rename, fail, prompt_bytes=prompt_bytes)
