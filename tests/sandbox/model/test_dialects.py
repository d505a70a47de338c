"""Messages and Responses natively: the official SDKs understand them, and the counts are those of a chat completion."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import anthropic
import httpx2
import openai
import pytest

SAID = "Tell me about bridges in 30 words"
ROLL = {"type": "object", "properties": {"sides": {"type": "integer"}}, "required": ["sides"]}


@pytest.fixture
def direct(model_server: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="none", base_url=model_server, max_retries=0) as client:
        yield client


@pytest.fixture
def claude(model_server: str) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(api_key="none", base_url=model_server.removesuffix("/v1"), max_retries=0) as client:
        yield client


def asked(claude: anthropic.Anthropic, said: str = SAID, **options: Any) -> Any:
    body: Any = {"model": "muse-spark", "max_tokens": 200, "messages": [{"role": "user", "content": said}]}
    return claude.messages.create(**(body | options))


def test_messages_whole_and_streamed_are_the_same(claude: anthropic.Anthropic) -> None:
    whole = asked(claude)
    with claude.messages.stream(
        model="muse-spark", max_tokens=200, messages=[{"role": "user", "content": SAID}]
    ) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()

    assert text == whole.content[0].text
    assert (final.stop_reason, final.usage.output_tokens) == ("end_turn", whole.usage.output_tokens)
    assert final.usage.input_tokens == whole.usage.input_tokens


def test_responses_whole_and_streamed_are_the_same(direct: openai.OpenAI) -> None:
    whole = direct.responses.create(model="muse-spark", input=SAID)
    with direct.responses.stream(model="muse-spark", input=SAID) as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        final = stream.get_final_response()

    assert text == whole.output_text == final.output_text
    assert (final.status, final.usage) == ("completed", whole.usage)


def test_every_dialect_counts_alike(claude: anthropic.Anthropic, direct: openai.OpenAI) -> None:
    chat = direct.chat.completions.create(
        model="muse-spark", max_tokens=5, messages=[{"role": "system", "content": "Be brief."}, *_user(SAID)]
    )
    message = asked(claude, max_tokens=5, system="Be brief.")
    response = direct.responses.create(
        model="muse-spark", max_output_tokens=5, instructions="Be brief.", input=[{"role": "user", "content": SAID}]
    )

    assert chat.usage is not None
    assert response.usage is not None
    assert chat.usage.prompt_tokens == message.usage.input_tokens == response.usage.input_tokens
    assert chat.usage.completion_tokens == message.usage.output_tokens == response.usage.output_tokens == 5
    assert (message.stop_reason, response.status) == ("max_tokens", "incomplete")


def test_cached_input_is_told_apart(claude: anthropic.Anthropic) -> None:
    long = "Bridges and tolls. " * 600

    first, second = (asked(claude, long, max_tokens=1).usage for _ in range(2))

    assert first.cache_read_input_tokens == 0
    assert second.cache_read_input_tokens >= 1_024
    assert second.input_tokens + second.cache_read_input_tokens == first.input_tokens


def test_tools_are_called_and_their_results_understood(claude: anthropic.Anthropic, direct: openai.OpenAI) -> None:
    tool: Any = {"name": "roll", "description": "Roll dice", "input_schema": ROLL}
    message = asked(claude, "Please use roll with 20 sides", tools=[tool])
    use = message.content[0]
    result = {"type": "tool_result", "tool_use_id": use.id, "content": "17"}
    turns = [*_user("Please use roll with 20 sides"), {"role": "assistant", "content": [use.model_dump()]}]
    after = asked(claude, messages=[*turns, {"role": "user", "content": [result]}], tools=[tool])
    function: Any = {"type": "function", "name": "roll", "parameters": ROLL, "strict": False}
    call = direct.responses.create(model="muse-spark", input="Please use roll with 20 sides", tools=[function])

    assert (message.stop_reason, use.type, use.name, use.input) == ("tool_use", "tool_use", "roll", {"sides": 20})
    assert after.content[0].type == "text"
    assert [(item.type, getattr(item, "arguments", "")) for item in call.output] == [("function_call", '{"sides": 20}')]


def test_thoughts_are_shown_in_each_dialects_way(claude: anthropic.Anthropic, direct: openai.OpenAI) -> None:
    message = asked(claude, model="demo-thinking")
    response = direct.responses.create(model="demo-thinking", input=SAID)

    assert [block.type for block in message.content] == ["thinking", "text"]
    assert [item.type for item in response.output] == ["reasoning", "message"]
    assert response.usage is not None
    assert response.usage.output_tokens_details.reasoning_tokens == 16


def test_a_stop_text_ends_a_message(claude: anthropic.Anthropic) -> None:
    message = asked(claude, stop_sequences=["."])

    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", ".")


PATHS: list[tuple[str, dict[str, Any]]] = [
    ("/chat/completions", {"messages": [{"role": "user", "content": SAID}]}),
    ("/messages", {"messages": [{"role": "user", "content": SAID}], "max_tokens": 90}),
    ("/responses", {"input": SAID}),
]


@pytest.mark.parametrize(("path", "body"), PATHS, ids=["chat", "messages", "responses"])
@pytest.mark.parametrize(("model", "status"), [("demo-unavailable", 503), ("demo-busy", 429), ("demo-broken", 500)])
def test_failures_on_demand(model_server: str, path: str, body: dict[str, Any], model: str, status: int) -> None:
    answer = httpx2.post(f"{model_server}{path}", json=body | {"model": model})

    assert answer.status_code == status
    assert answer.headers.get("retry-after") == ("2" if model == "demo-busy" else None)
    assert answer.json()["error"]["message"]
    assert (answer.json().get("type") == "error") == (path == "/messages")


@pytest.mark.parametrize(("path", "body"), PATHS, ids=["chat", "messages", "responses"])
def test_a_broken_stream_has_five_tokens(model_server: str, path: str, body: dict[str, Any]) -> None:
    sent = body | {"model": "demo-broken", "stream": True}
    received = b""
    with httpx2.stream("POST", f"{model_server}{path}", json=sent) as answer, suppress(httpx2.RemoteProtocolError):
        for data in answer.iter_raw():
            received += data
        pytest.fail("The stream came to its end.")

    tokens = received.count(b'"content":"') - 1 if "chat" in path else received.count(b'"delta":')
    assert tokens == 5


@pytest.mark.parametrize(("path", "body"), PATHS, ids=["chat", "messages", "responses"])
def test_one_that_hangs(model_server: str, path: str, body: dict[str, Any]) -> None:
    with pytest.raises(httpx2.ReadTimeout):
        httpx2.post(f"{model_server}{path}", json=body | {"model": "demo-hang"}, timeout=0.3)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/messages", {"messages": []}),
        ("/messages", {"messages": [], "max_tokens": 5}),
        ("/messages", {"messages": [{"role": "user", "content": "x"}], "max_tokens": 5, "tools": [{}]}),
        ("/responses", {}),
        ("/responses", {"input": "x", "previous_response_id": "resp_1"}),
        ("/responses", {"input": "x", "tools": [{"type": "web_search"}]}),
    ],
)
def test_what_is_refused(model_server: str, path: str, body: dict[str, Any]) -> None:
    assert httpx2.post(f"{model_server}{path}", json=body | {"model": "muse-spark"}).status_code == 400


def _user(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]
