"""OpenAI's Responses, stateless. What each file does: docs/guides/adding-a-dialect.md."""

from gateway.dialects.openai_responses.conversation import conversation
from gateway.dialects.openai_responses.input import NAME, body
from gateway.dialects.openai_responses.options import NAMES
from gateway.dialects.openai_responses.passing import passing
from gateway.dialects.openai_responses.reader import ResponsesReader
from gateway.dialects.openai_responses.request import COUNT_FIELDS, PROMPT_FIELDS, passed_on, read
from gateway.dialects.openai_responses.writer import ResponsesWriter
from gateway.dialects.options import Option
from gateway.dialects.spoken import Dialect

OPENAI_RESPONSES = Dialect(
    name=NAME,
    path="/responses",
    names=NAMES,
    prompt_fields=PROMPT_FIELDS,
    read=read,
    conversation=conversation,
    writer=ResponsesWriter,
    body=body,
    reader=ResponsesReader,
    passed_on=passed_on,
    passing=passing,
    dropped=frozenset({Option.SEED}),
    count_path="/responses/input_tokens",
    count_fields=COUNT_FIELDS,
)
