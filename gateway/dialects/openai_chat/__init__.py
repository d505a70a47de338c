"""Chat completions, of OpenAI and of most model servers. What each file does: docs/guides/adding-a-dialect.md."""

from gateway.dialects.openai_chat.conversation import conversation
from gateway.dialects.openai_chat.messages import body
from gateway.dialects.openai_chat.options import NAMES
from gateway.dialects.openai_chat.passing import passing
from gateway.dialects.openai_chat.reader import ChatReader
from gateway.dialects.openai_chat.request import PROMPT_FIELDS, passed_on, read
from gateway.dialects.openai_chat.writer import ChatWriter
from gateway.dialects.spoken import Dialect

OPENAI_CHAT = Dialect(
    name="openai_chat",
    path="/chat/completions",
    names=NAMES,
    prompt_fields=PROMPT_FIELDS,
    read=read,
    conversation=conversation,
    writer=ChatWriter,
    body=body,
    reader=ChatReader,
    passed_on=passed_on,
    passing=passing,
)
