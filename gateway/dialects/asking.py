"""What the routes call to understand a body. All raise `FieldRefused`."""

from gateway.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from gateway.dialects.ask import Ask
from gateway.dialects.openai_chat import OPENAI_CHAT
from gateway.dialects.openai_responses import OPENAI_RESPONSES
from gateway.dialects.spoken import Dialect


def read_chat(body: bytes) -> Ask:
    return _read(OPENAI_CHAT, body)


def read_responses(body: bytes) -> Ask:
    return _read(OPENAI_RESPONSES, body)


def read_messages(body: bytes, *, version: str) -> Ask:
    return _read(ANTHROPIC_MESSAGES, body, version=version)


def read_responses_count(body: bytes) -> Ask:
    """The body of POST /v1/responses/input_tokens."""
    return _read(OPENAI_RESPONSES, body, is_count=True)


def read_messages_count(body: bytes, *, version: str) -> Ask:
    """The body of POST /v1/messages/count_tokens, which has no bound on the output."""
    return _read(ANTHROPIC_MESSAGES, body, version=version, is_count=True)


def _read(dialect: Dialect, body: bytes, *, version: str = "", is_count: bool = False) -> Ask:
    return Ask(dialect, dialect.read(body, version, is_count))
