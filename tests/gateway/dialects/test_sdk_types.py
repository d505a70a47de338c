"""Every request that an upstream gets, and every answer that a caller gets, has the types of the SDKs."""

import json
from typing import Any

import pytest

from tests.gateway.dialects.answered import ANSWERED, SCENARIOS
from tests.gateway.dialects.asked import ASKED
from tests.gateway.dialects.matrix import CELLS, NAMES, asks, events_of, forwarded, streamed
from tests.gateway.dialects.sdk_types import check_event, check_whole, is_request

EACH_CELL = pytest.mark.parametrize(("client", "server"), CELLS)
EACH_ANSWER = pytest.mark.parametrize("scenario", SCENARIOS)


@EACH_CELL
@pytest.mark.parametrize("scenario", ASKED["openai_chat"])
def test_a_request_has_the_types_of_the_upstreams_sdk(client: str, server: str, scenario: str) -> None:
    body = json.loads(forwarded(asks(client, scenario), server).body)

    assert is_request(server, body), body


@EACH_CELL
@EACH_ANSWER
def test_a_whole_answer_has_the_types_of_the_callers_sdk(client: str, server: str, scenario: str) -> None:
    theirs = json.dumps(ANSWERED[server].whole(scenario)).encode()

    check_whole(client, forwarded(asks(client), server).reading.whole(theirs))


@EACH_CELL
@EACH_ANSWER
def test_a_stream_has_the_types_of_the_callers_sdk(client: str, server: str, scenario: str) -> None:
    stream = streamed(forwarded(asks(client, stream=True), server), b"".join(ANSWERED[server].stream(scenario)))

    events = [event for event in events_of(stream) if event.get("type") != "ping"]
    for event in events:
        check_event(client, event)
    assert len(events) > 2


@pytest.mark.parametrize("dialect", NAMES)
@pytest.mark.parametrize("wrong", [{"unheard_of": 1}, {"model": 7}, {"tools": [{"type": "function"}]}])
def test_what_is_wrong_is_noticed(dialect: str, wrong: dict[str, Any]) -> None:
    body = json.loads(forwarded(asks(dialect), dialect).body)

    assert is_request(dialect, body)
    assert not is_request(dialect, body | wrong)
