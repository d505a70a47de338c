"""Anthropic's Messages. What each file does: docs/guides/adding-a-dialect.md."""

from gateway.dialects.anthropic_messages.conversation import NAME, conversation
from gateway.dialects.anthropic_messages.messages import body
from gateway.dialects.anthropic_messages.options import DROPPED, NAMES
from gateway.dialects.anthropic_messages.passing import passing
from gateway.dialects.anthropic_messages.reader import MessagesReader
from gateway.dialects.anthropic_messages.request import COUNT_FIELDS, PROMPT_FIELDS, headers, passed_on, read
from gateway.dialects.anthropic_messages.writer import MessagesWriter
from gateway.dialects.spoken import Dialect

# Its servers add a system prompt where tools are offered: the longest that is published has 530 tokens.
PREAMBLE = 1_024

ANTHROPIC_MESSAGES = Dialect(
    name=NAME,
    path="/messages",
    names=NAMES,
    prompt_fields=PROMPT_FIELDS,
    read=read,
    conversation=conversation,
    writer=MessagesWriter,
    body=body,
    reader=MessagesReader,
    passed_on=passed_on,
    passing=passing,
    headers=headers,
    dropped=DROPPED,
    preamble=PREAMBLE,
    count_path="/messages/count_tokens",
    count_fields=COUNT_FIELDS,
)
