"""The same answers as upstreams of each dialect write them, whole and streamed, by scenario."""

import json
from collections.abc import Iterable
from typing import Any, Protocol

TEXT = "Naïve café 😀"
ARGUMENTS = ('{"sides":6}', '{"sides":8}')
THOUGHT = "Let me see."
SCENARIOS = ("text", "tools", "reasoning", "length", "refusal")


def data(payload: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(payload).encode() + b"\n\n"


def named(payload: dict[str, Any]) -> bytes:
    return f"event: {payload['type']}\n".encode() + data(payload)


def halves(text: str) -> tuple[str, str]:
    return text[: len(text) // 2], text[len(text) // 2 :]


class Answers(Protocol):
    def whole(self, scenario: str) -> dict[str, Any]: ...
    def stream(self, scenario: str) -> list[bytes]: ...
    def broken(self) -> list[bytes]:
        """A stream with two deltas of text and an error."""


class Chat:
    """Usage: 20 prompt tokens of which 5 were cached and 3 written, 9 completion tokens of which 4 were thought."""

    usage: dict[str, Any] = {
        "prompt_tokens": 20,
        "completion_tokens": 9,
        "total_tokens": 29,
        "prompt_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 4},
    }
    base = {"id": "chatcmpl-1", "created": 1_767_225_600, "model": "theirs"}
    ends = {"tools": "tool_calls", "length": "length", "refusal": "stop"}

    def whole(self, scenario: str) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": None if scenario in ("tools", "refusal") else TEXT}
        if scenario == "tools":
            message["tool_calls"] = [self._call(place) for place in range(2)]
        if scenario == "reasoning":
            message["reasoning_content"] = THOUGHT
        if scenario == "refusal":
            message["refusal"] = "I won't."
        choice = {"index": 0, "message": message, "finish_reason": self.ends.get(scenario, "stop")}
        return self.base | {"object": "chat.completion", "choices": [choice], "usage": self.usage}

    def stream(self, scenario: str) -> list[bytes]:
        return [*self._said(scenario), data(self._chunk({}, self.ends.get(scenario, "stop"))), *self._last()]

    def broken(self) -> list[bytes]:
        return [*self._text(TEXT), data({"error": {"message": "Node 7 died.", "type": "overloaded_error"}})]

    def _said(self, scenario: str) -> Iterable[bytes]:
        yield data(self._chunk({"role": "assistant", "content": ""}))
        if scenario == "reasoning":
            yield from (data(self._chunk({"reasoning_content": half})) for half in halves(THOUGHT))
        if scenario == "refusal":
            yield data(self._chunk({"refusal": "I won't."}))
        elif scenario == "tools":
            for place, arguments in enumerate(ARGUMENTS):
                call = self._call(place)
                call["function"]["arguments"] = ""
                yield data(self._chunk({"tool_calls": [{"index": place} | call]}))
                for half in halves(arguments):
                    yield data(self._chunk({"tool_calls": [{"index": place, "function": {"arguments": half}}]}))
        else:
            yield from self._text(TEXT)

    def _text(self, text: str) -> Iterable[bytes]:
        return (data(self._chunk({"content": half})) for half in halves(text))

    def _last(self) -> list[bytes]:
        usage = self.base | {"object": "chat.completion.chunk", "choices": [], "usage": self.usage}
        return [data(usage), b"data: [DONE]\n\n"]

    def _call(self, place: int) -> dict[str, Any]:
        function = {"name": "roll", "arguments": ARGUMENTS[place]}
        return {"id": f"c{place + 1}", "type": "function", "function": function}

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return self.base | {"object": "chat.completion.chunk", "choices": [choice], "usage": None}


class Responses:
    """The same usage; here, too, the input includes cached tokens."""

    usage: dict[str, Any] = {
        "input_tokens": 20,
        "input_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 3},
        "output_tokens": 9,
        "output_tokens_details": {"reasoning_tokens": 4},
        "total_tokens": 29,
    }

    def whole(self, scenario: str) -> dict[str, Any]:
        cut: dict[str, Any] = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
        ended = cut if scenario == "length" else {"status": "completed"}
        return self._response(output=self._items(scenario), usage=self.usage) | ended

    def stream(self, scenario: str) -> list[bytes]:
        whole = self.whole(scenario)
        events = [
            {"type": "response.created", "response": self._response()},
            *(event for place, item in enumerate(self._items(scenario)) for event in self._events(place, item)),
            {"type": f"response.{whole['status']}", "response": whole},
        ]
        return self._numbered(events)

    def broken(self) -> list[bytes]:
        error = {"code": "rate_limit_exceeded", "message": "Node 7 died."}
        failed = self._response() | {"status": "failed", "error": error}
        events = [{"type": "response.created", "response": self._response()}]
        events += self._events(0, self._items("text")[0])[:4]
        return self._numbered([*events, {"type": "response.failed", "response": failed}])

    def _numbered(self, events: list[dict[str, Any]]) -> list[bytes]:
        return [named({**event, "sequence_number": number}) for number, event in enumerate(events)]

    def _response(self, **told: Any) -> dict[str, Any]:
        usual = {"tools": [], "tool_choice": "auto", "parallel_tool_calls": True, "error": None, "usage": None}
        named_ = {"id": "resp_1", "object": "response", "created_at": 1_767_225_600, "model": "theirs"}
        return named_ | {"status": "in_progress", "output": [], "incomplete_details": None} | usual | told

    def _items(self, scenario: str) -> list[dict[str, Any]]:
        said = {"type": "output_text", "text": TEXT, "annotations": []}
        if scenario == "refusal":
            said = {"type": "refusal", "refusal": "I won't."}
        status = "incomplete" if scenario == "length" else "completed"
        message = {"id": "msg_1", "type": "message", "role": "assistant", "status": status, "content": [said]}
        if scenario == "tools":
            return [self._call(place) for place in range(2)]
        summary = [{"type": "summary_text", "text": THOUGHT}]
        thought = {"id": "rs_1", "type": "reasoning", "summary": summary, "encrypted_content": "OPENAI-SEAL"}
        return [thought, message] if scenario == "reasoning" else [message]

    def _call(self, place: int) -> dict[str, Any]:
        called = {"call_id": f"c{place + 1}", "name": "roll", "arguments": ARGUMENTS[place]}
        return {"id": f"fc_{place}", "type": "function_call", "status": "completed"} | called

    def _events(self, place: int, item: dict[str, Any]) -> list[dict[str, Any]]:
        at = {"item_id": item["id"], "output_index": place}
        begun = item | {"status": "in_progress"} | {name: [] for name in ("content", "summary") if name in item}
        begun |= {"arguments": ""} if "arguments" in item else {}
        begun.pop("encrypted_content", None)
        return [
            {"type": "response.output_item.added", "output_index": place, "item": begun},
            *self._inner(at, item),
            {"type": "response.output_item.done", "output_index": place, "item": item},
        ]

    def _inner(self, at: dict[str, Any], item: dict[str, Any]) -> list[dict[str, Any]]:
        if item["type"] == "function_call":
            stem, text, at_ = "response.function_call_arguments", item["arguments"], at
        elif item["type"] == "reasoning":
            stem, text, at_ = "response.reasoning_summary_text", THOUGHT, at | {"summary_index": 0}
            part = {"type": "summary_text", "text": ""}
            added = {"type": "response.reasoning_summary_part.added", **at_, "part": part}
            return [added, *self._deltas(stem, text, at_)]
        else:
            (part,) = item["content"]
            kind = "refusal" if part["type"] == "refusal" else "text"
            stem = "response.refusal" if kind == "refusal" else "response.output_text"
            text, at_ = part[kind], at | {"content_index": 0} | ({"logprobs": []} if kind == "text" else {})
            added = {"type": "response.content_part.added", **at, "content_index": 0, "part": part | {kind: ""}}
            return [added, *self._deltas(stem, text, at_)]
        return self._deltas(stem, text, at_)

    def _deltas(self, stem: str, text: str, at: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"type": f"{stem}.delta", **at, "delta": half} for half in halves(text)]


class Messages:
    """The same usage; here the input leaves cached tokens out."""

    first: dict[str, Any] = {
        "input_tokens": 12,
        "cache_creation_input_tokens": 3,
        "cache_read_input_tokens": 5,
        "cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 1,
        "service_tier": "standard",
    }
    made: dict[str, Any] = {"output_tokens": 9, "output_tokens_details": {"thinking_tokens": 4}}
    ends = {"tools": "tool_use", "length": "max_tokens", "refusal": "refusal"}

    def whole(self, scenario: str) -> dict[str, Any]:
        ended = {"stop_reason": self.ends.get(scenario, "end_turn"), "stop_sequence": None}
        return self._message(self.first | self.made) | {"content": self._blocks(scenario)} | ended

    def stream(self, scenario: str) -> list[bytes]:
        delta = {"stop_reason": self.ends.get(scenario, "end_turn"), "stop_sequence": None}
        return [
            named({"type": "message_start", "message": self._message(self.first)}),
            named({"type": "ping"}),
            *(named(event) for at, block in enumerate(self._blocks(scenario)) for event in self._events(at, block)),
            named({"type": "message_delta", "delta": delta, "usage": self.made}),
            named({"type": "message_stop"}),
        ]

    def broken(self) -> list[bytes]:
        error = {"type": "overloaded_error", "message": "Node 7 died."}
        return [*self.stream("text")[:5], named({"type": "error", "error": error})]

    def _message(self, usage: dict[str, Any]) -> dict[str, Any]:
        named_ = {"id": "msg_1", "type": "message", "role": "assistant", "model": "theirs", "content": []}
        return named_ | {"stop_reason": None, "stop_sequence": None, "usage": usage}

    def _blocks(self, scenario: str) -> list[dict[str, Any]]:
        if scenario == "tools":
            calls = enumerate(ARGUMENTS)
            return [
                {"type": "tool_use", "id": f"c{place + 1}", "name": "roll", "input": json.loads(arguments)}
                for place, arguments in calls
            ]
        text = {"type": "text", "text": "I won't." if scenario == "refusal" else TEXT}
        thought = {"type": "thinking", "thinking": THOUGHT, "signature": "ANTHROPIC-SEAL"}
        return [thought, text] if scenario == "reasoning" else [text]

    def _events(self, at: int, block: dict[str, Any]) -> list[dict[str, Any]]:
        deltas = list(self._deltas(block))
        empty: dict[str, Any] = {
            name: {"input": {}}.get(name, "") for name in block if name not in ("type", "id", "name")
        }
        return [
            {"type": "content_block_start", "index": at, "content_block": block | empty},
            *({"type": "content_block_delta", "index": at, "delta": delta} for delta in deltas),
            {"type": "content_block_stop", "index": at},
        ]

    def _deltas(self, block: dict[str, Any]) -> Iterable[dict[str, Any]]:
        kind, name, text = {
            "text": ("text_delta", "text", block.get("text", "")),
            "thinking": ("thinking_delta", "thinking", block.get("thinking", "")),
            "tool_use": ("input_json_delta", "partial_json", json.dumps(block.get("input"), separators=(",", ":"))),
        }[block["type"]]
        yield from ({"type": kind, name: half} for half in halves(text))
        if kind == "thinking_delta":
            yield {"type": "signature_delta", "signature": block["signature"]}


ANSWERED: dict[str, Answers] = {
    "openai_chat": Chat(),
    "openai_responses": Responses(),
    "anthropic_messages": Messages(),
}
