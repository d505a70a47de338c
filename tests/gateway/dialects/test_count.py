"""How many tokens a prompt has, asked of upstreams of each dialect."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from core.verdict import Refusal, Verdict
from gateway.count_prompt import PromptCount, count_prompt
from gateway.dialects.ask import Ask
from gateway.dialects.asking import read_messages_count, read_responses_count
from gateway.settings import Settings
from gateway.upstreams.servers import Servers
from tests.gateway.dialects.native_upstream import COUNTS
from tests.gateway.published import SPARK, upstream

BODY = {"model": "muse-spark", "system": "Be short", "messages": [{"role": "user", "content": "Hi"}]}
ASKS: dict[str, Callable[[], Ask]] = {
    "anthropic_messages": lambda: read_messages_count(json.dumps(BODY).encode(), version="2026-10-21"),
    "openai_responses": lambda: read_responses_count(b'{"model":"muse-spark","input":"Hi","instructions":"Be short"}'),
}
COUNTED = {
    "openai_responses": COUNTS["/v1/responses/input_tokens"],
    "anthropic_messages": COUNTS["/v1/messages/count_tokens"],
}


async def counted(settings: Settings, asked: Ask, server: str, url: str) -> PromptCount | Verdict:
    servers = Servers(settings)
    model = replace(SPARK, upstreams=(upstream("theirs", url=url, dialect=server),))
    try:
        return await count_prompt(asked, model, servers)
    finally:
        await servers.close()


@pytest.mark.parametrize("client", ASKS)
@pytest.mark.parametrize("server", COUNTED)
async def test_a_server_that_can_count_is_asked(
    gateway_settings: Settings, native_url: str, client: str, server: str
) -> None:
    found = await counted(gateway_settings, ASKS[client](), server, native_url)

    assert found == PromptCount(COUNTED[server], is_estimated=False)


@pytest.mark.parametrize("client", ASKS)
@pytest.mark.parametrize(("server", "path"), [("openai_chat", ""), ("anthropic_messages", "/nowhere")])
async def test_otherwise_the_published_rule_says(
    gateway_settings: Settings, native_url: str, client: str, server: str, path: str
) -> None:
    asked = ASKS[client]()

    found = await counted(gateway_settings, asked, server, native_url + path)

    assert found == PromptCount(asked.estimated_input(), is_estimated=True)


async def test_a_server_that_is_away_is_no_reason_not_to_answer(gateway_settings: Settings) -> None:
    asked = ASKS["anthropic_messages"]()

    found = await counted(gateway_settings, asked, "anthropic_messages", "http://127.0.0.1:9/v1")

    assert found == PromptCount(asked.estimated_input(), is_estimated=True)


async def test_a_prompt_that_is_wrong_is_refused(gateway_settings: Settings, native_url: str) -> None:
    asked = read_responses_count(b'{"model":"muse-spark","input":"refuse me"}')

    found = await counted(gateway_settings, asked, "anthropic_messages", native_url)

    assert isinstance(found, Verdict)
    assert (found.code, found.param) == (Refusal.UPSTREAM_REFUSED, "input")


@pytest.mark.parametrize("client", ASKS)
@pytest.mark.parametrize("server", COUNTED)
def test_only_what_is_counted_is_sent(client: str, server: str) -> None:
    served = upstream("theirs", dialect=server)

    counting = ASKS[client]().counting(replace(SPARK, upstreams=(served,)), served)

    assert counting is not None
    assert not {"max_tokens", "max_output_tokens", "stream", "store"} & set(json.loads(counting.body))
    assert b"Be short" in counting.body
