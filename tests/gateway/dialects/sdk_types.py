"""The SDKs' own generated types, held against what the gateway writes, field by field."""

import collections.abc
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

from anthropic.types import Message as AnthropicMessage
from anthropic.types import RawMessageStreamEvent, message_create_params
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat import completion_create_params as chat_params
from openai.types.responses import Response, ResponseStreamEvent
from openai.types.responses import response_create_params as response_params
from pydantic import TypeAdapter
from typing_extensions import is_typeddict

REQUESTS: dict[str, Any] = {
    "openai_chat": chat_params.CompletionCreateParamsNonStreaming,
    "openai_responses": response_params.ResponseCreateParamsNonStreaming,
    "anthropic_messages": message_create_params.MessageCreateParamsNonStreaming,
}
# Fields of an older version that the newest types leave out.
OLDER = {"anthropic_messages": {"temperature", "top_p"}}
WHOLE: dict[str, Any] = {
    "openai_chat": TypeAdapter(ChatCompletion),
    "openai_responses": TypeAdapter(Response),
    "anthropic_messages": TypeAdapter(AnthropicMessage),
}
EVENTS: dict[str, Any] = {
    "openai_chat": TypeAdapter(ChatCompletionChunk),
    "openai_responses": TypeAdapter(ResponseStreamEvent),
    "anthropic_messages": TypeAdapter(RawMessageStreamEvent),
}
LISTS = (list, collections.abc.Iterable)
PLAIN = {str: (str,), int: (int,), float: (int, float), bool: (bool,)}


def is_request(dialect: str, body: dict[str, Any]) -> bool:
    told = {name: value for name, value in body.items() if name not in OLDER.get(dialect, ())}
    return _fits(told, REQUESTS[dialect])


def check_whole(dialect: str, body: bytes) -> None:
    WHOLE[dialect].validate_json(body)


def check_event(dialect: str, event: dict[str, Any]) -> None:
    EVENTS[dialect].validate_python(event)


def _fits(value: object, type_: Any) -> bool:  # noqa: PLR0911 - a line for each kind of type
    """Whether a JSON value is of the type: pydantic reads lists of the request's types only as they are used."""
    origin, inner = get_origin(type_), get_args(type_)
    if type_ in (Any, object):
        return True
    if type_ in (None, NoneType):
        return value is None
    if origin in (Required, NotRequired, Annotated):
        return _fits(value, inner[0])
    if origin in (Union, UnionType):
        return any(_fits(value, one) for one in inner)
    if origin is Literal:
        return value in inner
    if is_typeddict(type_):
        return isinstance(value, dict) and _is_of(value, type_)
    if origin is dict:
        return isinstance(value, dict) and all(_fits(one, inner[1]) for one in value.values())
    if origin in LISTS or getattr(origin, "__name__", "") == "SequenceNotStr":
        return isinstance(value, list) and all(_fits(one, inner[0]) for one in value)
    return type_ in PLAIN and isinstance(value, PLAIN[type_])


def _is_of(value: dict[str, Any], type_: Any) -> bool:
    hints = _hints(type_)
    is_open = not type_.__total__ and getattr(type_, "__pydantic_config__", {}).get("extra") == "allow"
    return (
        {name for name, hint in hints.items() if get_origin(hint) is Required} <= set(value)
        and (is_open or set(value) <= set(hints))
        and all(_fits(one, hints[name]) for name, one in value.items() if name in hints)
    )


@cache
def _hints(type_: Any) -> dict[str, Any]:
    return get_type_hints(type_, include_extras=True)


def fields_of(type_: Any) -> set[str]:
    return set(_hints(type_))
