"""The official SDKs against upstreams of every dialect, through a gateway process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anthropic
import openai
import pytest

from gateway import log
from tests.gateway.books import Books
from tests.gateway.dialects.answered import TEXT, THOUGHT
from tests.gateway.dialects.matrix import CELLS, NAMES
from tests.gateway.published import Account

Native = Callable[[str, str], str]
EACH_CELL = pytest.mark.parametrize(("client", "server"), CELLS)
TOOL: dict[str, Any] = {"type": "object", "properties": {"sides": {"type": "integer"}}, "required": ["sides"]}
USED = {"input": 12, "cache_read": 5, "cache_write_5m": 3, "output": 5, "reasoning": 4}


@dataclass
class Callers:
    """What a caller of each dialect gets, by the SDK's own helpers."""

    gpt: openai.OpenAI
    claude: anthropic.Anthropic

    def whole(self, client: str, model: str) -> tuple[str, list[str]]:
        """The text, and the arguments of the calls."""
        if client == "openai_chat":
            completion = self.gpt.chat.completions.create(model=model, messages=[{"role": "user", "content": "Hi"}])
            message = completion.choices[0].message
            calls = [call for call in message.tool_calls or () if call.type == "function"]
            return message.content or "", [call.function.arguments for call in calls]
        if client == "openai_responses":
            response = self.gpt.responses.create(model=model, input="Hi")
            return response.output_text, [item.arguments for item in response.output if item.type == "function_call"]
        told = self.claude.messages.create(model=model, max_tokens=50, messages=[{"role": "user", "content": "Hi"}])
        return _said(told.content)

    def streamed(self, client: str, model: str) -> tuple[str, list[str]]:
        if client == "openai_chat":
            with self.gpt.chat.completions.stream(
                model=model, messages=[{"role": "user", "content": "Hi"}]
            ) as completion:
                message = completion.get_final_completion().choices[0].message
            return message.content or "", [call.function.arguments for call in message.tool_calls or ()]
        if client == "openai_responses":
            with self.gpt.responses.stream(model=model, input="Hi") as events:
                response = events.get_final_response()
            return response.output_text, [item.arguments for item in response.output if item.type == "function_call"]
        with self.claude.messages.stream(
            model=model, max_tokens=50, messages=[{"role": "user", "content": "Hi"}]
        ) as stream:
            return _said(stream.get_final_message().content)


def _said(content: list[Any]) -> tuple[str, list[str]]:
    calls = [f'{{"sides":{block.input["sides"]}}}' for block in content if block.type == "tool_use"]
    return "".join(block.text for block in content if block.type == "text"), calls


@pytest.fixture
def callers(sdk: openai.OpenAI, claude: anthropic.Anthropic) -> Callers:
    return Callers(sdk, claude)


@EACH_CELL
@pytest.mark.parametrize("scenario", ["text", "reasoning", "tools"])
def test_an_answer_arrives_and_is_charged_as_counted(
    callers: Callers, native: Native, books: Books, ada: Account, client: str, server: str, scenario: str
) -> None:
    model = native(server, scenario)

    whole, streamed = callers.whole(client, model), callers.streamed(client, model)

    text, calls = whole
    assert streamed == whole
    assert text == ("" if scenario == "tools" else TEXT)
    assert [call.replace(" ", "") for call in calls] == (['{"sides":6}', '{"sides":8}'] if scenario == "tools" else [])
    for event in books.events(ada.id):
        assert {name: event[name] for name in USED} == USED
        assert (event["outcome"], event["is_estimated"]) == ("completed", False)
    assert len(books.events(ada.id)) == 2


@EACH_CELL
def test_a_refusal_is_told_in_the_callers_words(callers: Callers, native: Native, client: str, server: str) -> None:
    model = native(server, "refused")

    with pytest.raises((openai.BadRequestError, anthropic.BadRequestError), match="Too long") as caught:
        callers.whole(client, model)

    refusal: Any = caught.value
    body = refusal.body
    error = body if "param" in body else body["error"]
    assert error["param"] == ("input" if client == "openai_responses" else "messages")
    code = error["details"]["error_code"] if client == "anthropic_messages" else error["code"]
    assert code == "upstream_refused"
    assert refusal.response.headers["x-should-retry"] == "false"


@EACH_CELL
def test_an_error_in_the_stream_ends_it_as_the_dialect_does(
    callers: Callers, native: Native, books: Books, ada: Account, client: str, server: str
) -> None:
    model = native(server, "broken")

    if client == "openai_responses":
        events = list(callers.gpt.responses.create(model=model, input="Hi", stream=True))
        assert events[-1].type == "response.failed"
        assert events[-1].response.error is not None
    else:
        with pytest.raises((openai.APIError, anthropic.APIError), match="too busy"):
            callers.streamed(client, model)

    (event,) = books.events(ada.id)
    assert (event["outcome"], event["output"], event["is_estimated"]) == ("upstream_failed", 2, True)


@pytest.mark.parametrize("server", NAMES)
def test_thinking_of_any_server_is_shown_and_may_come_back(
    claude: anthropic.Anthropic, native: Native, server: str
) -> None:
    model = native(server, "reasoning")
    first = claude.messages.create(model=model, max_tokens=50, messages=[{"role": "user", "content": "Hi"}])

    thinking = first.content[0]
    assert thinking.type == "thinking"
    assert thinking.thinking == THOUGHT
    for other in NAMES:
        again = claude.messages.create(
            model=native(other, "text"),
            max_tokens=50,
            messages=[
                {"role": "user", "content": "Hi"},
                {"role": "assistant", "content": first.content},
                {"role": "user", "content": "Go on"},
            ],
        )
        assert again.stop_reason == "end_turn"


def test_tools_reach_a_server_of_another_dialect(callers: Callers, native: Native) -> None:
    """It refuses what its SDK has no type for."""
    told = callers.claude.messages.create(
        model=native("openai_responses", "tools"),
        max_tokens=50,
        messages=[{"role": "user", "content": "Roll"}],
        tools=[{"name": "roll", "input_schema": TOOL}],
        tool_choice={"type": "any"},
    )

    assert told.stop_reason == "tool_use"


def test_what_a_dialect_has_no_word_for_is_named(callers: Callers, native: Native) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        callers.gpt.chat.completions.create(
            model=native("openai_responses", "text"), messages=[{"role": "user", "content": "Hi"}], stop=["."]
        )

    assert caught.value.param == "stop"


@pytest.mark.parametrize(("server", "tokens"), [("anthropic_messages", 43), ("openai_responses", 41)])
def test_a_prompt_is_counted_by_a_server_that_can(callers: Callers, native: Native, server: str, tokens: int) -> None:
    model = native(server, "text")

    messages = callers.claude.messages.count_tokens(model=model, messages=[{"role": "user", "content": "Hi"}])
    responses = callers.gpt.responses.input_tokens.with_raw_response.count(model=model, input="Hi")

    assert (messages.input_tokens, responses.parse().input_tokens) == (tokens, tokens)
    assert "x-token-count" not in responses.headers


def test_where_no_server_counts_the_answer_says_so(
    callers: Callers, native: Native, capsys: pytest.CaptureFixture[str]
) -> None:
    counted = callers.claude.messages.with_raw_response.count_tokens(
        model=native("openai_chat", "text"), messages=[{"role": "user", "content": "Hi"}]
    )

    log.flush()
    assert counted.headers["x-token-count"] == "estimated"
    assert "count.ESTIMATED" not in capsys.readouterr().out  # Nobody need look at what is always so.
    assert counted.parse().input_tokens > 0
