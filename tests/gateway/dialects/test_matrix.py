"""In each cell: what was used is what the receipt says, whole or streamed, however the bytes are cut."""

import json
from typing import Any

import pytest

from core.usage import TokenCounts
from gateway.dialects.dialect import Forwarded
from gateway.sse import Frames
from tests.gateway.dialects.answered import ANSWERED, SCENARIOS, TEXT, THOUGHT
from tests.gateway.dialects.matrix import CELLS, NAMES, asks, events_of, forwarded, settled, streamed

EACH_CELL = pytest.mark.parametrize(("client", "server"), CELLS)
EACH_SERVER = pytest.mark.parametrize("server", NAMES)
USED = TokenCounts(input=12, cache_read=5, cache_write_5m=3, output=5, reasoning=4, requests=1)
SHOWS: dict[str, dict[str, Any]] = {"openai_chat": {"stream_options": {"include_usage": True}}}


def streaming(client: str, server: str, scenario: str = "text") -> Forwarded:
    return forwarded(asks(client, scenario, stream=True, **SHOWS.get(client, {})), server)


def told(client: str, payload: dict[str, Any]) -> tuple[int, int, int, int]:
    """Input with what was cached, cached, output, of which thought: whatever the dialect calls them."""
    usage = payload["usage"]
    if client == "openai_chat":
        cached = usage["prompt_tokens_details"]["cached_tokens"]
        thought = usage["completion_tokens_details"]["reasoning_tokens"]
        return usage["prompt_tokens"], cached, usage["completion_tokens"], thought
    if client == "openai_responses":
        cached = usage["input_tokens_details"]["cached_tokens"]
        return usage["input_tokens"], cached, usage["output_tokens"], usage["output_tokens_details"]["reasoning_tokens"]
    cached, written = usage["cache_read_input_tokens"], usage["cache_creation_input_tokens"]
    thought = usage["output_tokens_details"]["thinking_tokens"]
    return usage["input_tokens"] + cached + written, cached, usage["output_tokens"], thought


def last_usage(client: str, stream: bytes) -> dict[str, Any]:
    """The event that carries it; Anthropic's last one leaves out what the first has said."""
    events = events_of(stream)
    if client == "openai_responses":
        response: dict[str, Any] = events[-1]["response"]
        return response
    if client == "openai_chat":
        return events[-1]
    return {"usage": events[0]["message"]["usage"] | events[-2]["usage"]}


@EACH_CELL
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_usage_streamed_and_whole_and_counted_is_the_same(client: str, server: str, scenario: str) -> None:
    whole, stream = forwarded(asks(client), server), streaming(client, server)

    answer = whole.reading.whole(json.dumps(ANSWERED[server].whole(scenario)).encode())
    shown = streamed(stream, b"".join(ANSWERED[server].stream(scenario)))

    assert whole.reading.counts() == stream.reading.counts() == USED
    assert not whole.reading.is_estimated
    assert not stream.reading.is_estimated
    assert told(client, json.loads(answer)) == told(client, last_usage(client, shown)) == (20, 5, 9, 4)


@EACH_SERVER
def test_frames_are_the_same_wherever_the_stream_is_cut(server: str) -> None:
    stream = b"".join(ANSWERED[server].stream("tools"))
    whole = Frames().feed(stream)

    for place in range(1, len(stream)):
        cutter = Frames()
        assert cutter.feed(stream[:place]) + cutter.feed(stream[place:]) == whole


@EACH_CELL
def test_a_stream_may_come_byte_by_byte(client: str, server: str) -> None:
    stream = b"".join(ANSWERED[server].stream("reasoning"))
    reading, cutter = streaming(client, server).reading, Frames()

    shown = b"".join([reading.frame(frame) for at in range(len(stream)) for frame in cutter.feed(stream[at : at + 1])])

    expected = streamed(streaming(client, server), stream)
    assert settled((shown + reading.last_frames()).decode()) == settled(expected.decode())


@EACH_CELL
def test_what_died_is_charged_by_what_was_delivered(client: str, server: str) -> None:
    sent = streaming(client, server)

    stream = streamed(sent, b"".join(ANSWERED[server].broken()))

    counts = sent.reading.counts()
    assert sent.reading.is_estimated
    assert (counts.output, counts.reasoning) == (2, 0)
    assert b"too busy" in stream
    assert b"Node 7" not in stream
    if server == "anthropic_messages":  # It counts the prompt before it begins.
        assert (counts.input, counts.cache_read, counts.cache_write_5m) == (12, 5, 3)


@EACH_CELL
def test_an_error_before_the_first_word_shows_nothing(client: str, server: str) -> None:
    sent = streaming(client, server)

    shown = b"".join([sent.reading.frame(frame) for frame in Frames().feed(ANSWERED[server].broken()[-1])])

    assert (shown, sent.reading.has_failed) == (b"", True)


@EACH_CELL
def test_the_servers_name_of_the_model_is_never_shown(client: str, server: str) -> None:
    whole = forwarded(asks(client), server).reading.whole(json.dumps(ANSWERED[server].whole("text")).encode())
    stream = streamed(streaming(client, server), b"".join(ANSWERED[server].stream("text")))

    assert b"theirs" not in whole + stream
    assert json.loads(whole)["model"] == "muse-spark"


@pytest.mark.parametrize("name", NAMES)
def test_the_same_dialect_passes_byte_for_byte(name: str) -> None:
    """But for the model's name, and the usage that the caller didn't ask for."""
    frames = ANSWERED[name].stream("tools")
    sent = streaming(name, name)

    stream = streamed(sent, b"".join(frames))

    for frame in frames:
        assert frame.replace(b'"model": "theirs"', b'"model": "muse-spark"') in stream


@pytest.mark.parametrize("client", NAMES)
@EACH_SERVER
def test_large_frames_and_half_characters_pass(client: str, server: str) -> None:
    long = "naïve 😀" * 100_000
    frames = b"".join(ANSWERED[server].stream("text")).replace(b"Na\\u00efve ", json.dumps(long)[1:-1].encode())

    stream = streamed(streaming(client, server), frames)

    assert sum(json.dumps(event, ensure_ascii=False).count(long) for event in events_of(stream)) >= 1


@pytest.mark.parametrize("client", NAMES)
@EACH_SERVER
def test_half_a_surrogate_pair_breaks_nothing(client: str, server: str) -> None:
    """Some servers cut a text inside a character that JSON writes as two escapes."""
    frames = b"".join(ANSWERED[server].stream("text")).replace(b"\\ud83d\\ude00", b"\\ud83d")
    sent = streaming(client, server)

    stream = streamed(sent, frames)

    assert sent.reading.counts() == USED
    assert b"caf" in stream


@EACH_CELL
def test_what_was_said_is_what_is_heard(client: str, server: str) -> None:
    stream = streamed(streaming(client, server), b"".join(ANSWERED[server].stream("reasoning"))).decode()

    texts = "".join(_strings(events_of(stream.encode()), {"content", "text", "delta", "reasoning_content", "thinking"}))
    for said in (TEXT, THOUGHT):
        assert said in texts


def _strings(value: Any, names: set[str]) -> list[str]:
    if isinstance(value, list):
        return [text for inner in value for text in _strings(inner, names)]
    if not isinstance(value, dict):
        return []
    own = [text for name, text in value.items() if name in names and isinstance(text, str)]
    return own + [text for inner in value.values() for text in _strings(inner, names)]
