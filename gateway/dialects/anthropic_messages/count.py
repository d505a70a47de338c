"""POST /v1/messages/count_tokens: what a prompt would count against the limits. Free, and no model is asked.

The gateway has no tokenizer: it counts by the published rule, a token for each four bytes, and a flat number for each
picture, whose bytes say nothing about its tokens.
"""

import msgspec

from gateway.dialects import fields
from gateway.dialects.anthropic_messages.blocks import Block, Image, Message
from gateway.dialects.anthropic_messages.request import PromptFields, prompt_of, refuse_what_is_not_served
from gateway.dialects.openai_chat import PROMPT_FIELDS
from gateway.estimate import tokens_of_bytes

# What Anthropic publishes as about the most that a picture takes.
TOKENS_OF_AN_IMAGE = 1_600

_DECODER = msgspec.json.Decoder(PromptFields)


def count_tokens(body: bytes, *, version: str) -> tuple[str, int]:
    """Answer the model's name and the tokens. Raises `FieldRefused`."""
    asked, raw = fields.read(body, _DECODER)
    refuse_what_is_not_served(raw, version=version)
    images = sum(_take_images(message) for message in asked.messages)
    prompt = prompt_of(asked)
    size = sum(len(msgspec.json.encode(prompt[name])) for name in PROMPT_FIELDS if prompt.get(name) is not None)
    return asked.model, tokens_of_bytes(size) + images * TOKENS_OF_AN_IMAGE


def _take_images(message: Message) -> int:
    """Remove the pictures of a message, and answer how many there were."""
    if isinstance(message.content, str):
        return 0
    rest: list[Block] = [block for block in message.content if not isinstance(block, Image)]
    taken = len(message.content) - len(rest)
    message.content = rest
    return taken
