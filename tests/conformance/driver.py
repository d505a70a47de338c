"""Runs an official SDK, unmodified, where it is installed: calls come as lines of JSON, and answers go.

    python driver.py openai|anthropic

Standard library and the SDK alone: old majors live in environments that have nothing else.
"""

import asyncio
import importlib
import json
import sys
from collections.abc import Callable
from typing import Any


class Caller:
    """One call: a fresh client, what it answered or raised, and how often it knocked."""

    def __init__(self, sdk: Any, call: dict[str, Any]) -> None:
        self.sdk = sdk
        self.call = call
        self.attempts = 0

    def client(self, kind: str, http: str) -> Any:
        class_ = next(getattr(self.sdk, kind + name) for name in ("OpenAI", "Anthropic") if hasattr(self.sdk, name))
        hook = self._count if not kind else self._count_later
        client = getattr(self.sdk, http)(event_hooks={"request": [hook]})
        return class_(http_client=client, **self.call["client"])

    def _count(self, _request: Any) -> None:
        self.attempts += 1

    async def _count_later(self, _request: Any) -> None:
        self.attempts += 1

    def run(self) -> dict[str, Any]:
        how = {"create": self._create, "events": self._events, "helper": self._helper}[self.call["how"]]
        return self._guarded(how)

    def _guarded(self, how: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        answer: dict[str, Any] = {"events": []}
        try:
            how(answer)
        except Exception as error:  # noqa: BLE001 - Whatever the SDK raises is what a caller sees.
            answer["error"] = _shown(error)
        return answer | {"attempts": self.attempts}

    def _method(self, client: Any) -> Any:
        found = client
        for name in self.call["method"].split("."):
            found = getattr(found, name)
        return found

    def _create(self, answer: dict[str, Any]) -> None:
        if self.call["is_async"]:
            return asyncio.run(self._create_later(answer))
        with self.client("", "DefaultHttpxClient") as client:
            resource, _, verb = self.call["method"].rpartition(".")
            self.call["method"] = f"{resource}.with_raw_response.{verb}"
            raw = self._method(client)(*self.call["args"], **self.call["kwargs"])
            parsed = raw.parse()
            answer |= {"headers": dict(raw.headers), "value": _dumped(parsed)}
            answer["request_id"] = getattr(parsed, "_request_id", None)
        return None

    async def _create_later(self, answer: dict[str, Any]) -> None:
        async with self.client("Async", "DefaultAsyncHttpxClient") as client:
            called = self._method(client)(*self.call["args"], **self.call["kwargs"])
            answer["value"] = _dumped(await called)

    def _events(self, answer: dict[str, Any]) -> None:
        if self.call["is_async"]:
            return asyncio.run(self._events_later(answer))
        with self.client("", "DefaultHttpxClient") as client:
            stream = self._method(client)(*self.call["args"], stream=True, **self.call["kwargs"])
            answer["headers"] = dict(stream.response.headers)
            for event in stream:
                answer["events"].append(_dumped(event))
        return None

    async def _events_later(self, answer: dict[str, Any]) -> None:
        async with self.client("Async", "DefaultAsyncHttpxClient") as client:
            called = self._method(client)(*self.call["args"], stream=True, **self.call["kwargs"])
            async for event in await called:
                answer["events"].append(_dumped(event))

    def _helper(self, answer: dict[str, Any]) -> None:
        """The SDK's own accumulation of a stream."""
        with (
            self.client("", "DefaultHttpxClient") as client,
            self._method(client)(*self.call["args"], **self.call["kwargs"]) as stream,
        ):
            for event in stream:
                answer["events"].append(event.type)
            final = getattr(stream, "get_final_message", None) or stream.get_final_response
            answer["value"] = _dumped(final())


def _dumped(value: Any) -> Any:
    return json.loads(value.model_dump_json(warnings=False)) if hasattr(value, "model_dump_json") else str(value)


def _shown(error: Exception) -> dict[str, Any]:
    names = ("status_code", "code", "param", "type", "error_code", "request_id", "body")
    shown = {name: getattr(error, name, None) for name in names}
    response = getattr(error, "response", None)
    headers = {} if response is None else dict(response.headers)
    bases = [class_.__name__ for class_ in type(error).__mro__]
    return shown | {"class": type(error).__name__, "bases": bases, "message": str(error), "headers": headers}


def main() -> None:
    sdk = importlib.import_module(sys.argv[1])
    print(json.dumps({"version": sdk.__version__}), flush=True)
    for line in sys.stdin:
        print(json.dumps(Caller(sdk, json.loads(line)).run(), default=str), flush=True)


if __name__ == "__main__":
    main()
