"""What every dialect becomes in every other, for people to read: `GOLDEN=write pytest …` writes the files anew."""

import json
import os
from pathlib import Path

import pytest

from gateway.dialects.fields import FieldRefused
from tests.gateway.dialects.answered import ANSWERED, SCENARIOS
from tests.gateway.dialects.asked import ASKED
from tests.gateway.dialects.matrix import CELLS, asks, forwarded, settled, streamed

FOLDER = Path(__file__).parent / "golden"


@pytest.mark.parametrize(("client", "server"), CELLS)
def test_a_cell_reads_as_it_did(client: str, server: str) -> None:
    file = FOLDER / f"{client} to {server}.txt"
    told = "\n\n".join([*_requests(client, server), *_answers(client, server)]) + "\n"

    if os.environ.get("GOLDEN") == "write":
        file.write_text(told)
    assert told == file.read_text()


def _requests(client: str, server: str) -> list[str]:
    return [f"=== request: {scenario} ===\n{_request(client, server, scenario)}" for scenario in ASKED[client]]


def _request(client: str, server: str, scenario: str) -> str:
    try:
        sent = forwarded(asks(client, scenario), server)
    except FieldRefused as refused:
        return f"400 {refused.param}: {refused}"
    headers = "".join(f"{name}: {value}\n" for name, value in sent.headers.items())
    return f"POST {sent.path}\n{headers}{_pretty(sent.body)}"


def _answers(client: str, server: str) -> list[str]:
    answers = ANSWERED[server]
    told = []
    for scenario in SCENARIOS:
        whole = forwarded(asks(client), server).reading.whole(json.dumps(answers.whole(scenario)).encode())
        told.append(f"=== answer: {scenario}, whole ===\n{settled(_pretty(whole))}")
        stream = streamed(forwarded(asks(client, stream=True), server), b"".join(answers.stream(scenario)))
        told.append(f"=== answer: {scenario}, streamed ===\n{_frames(stream)}")
    broken = streamed(forwarded(asks(client, stream=True), server), b"".join(answers.broken()))
    return [*told, f"=== answer: broken off, streamed ===\n{_frames(broken)}"]


def _pretty(body: bytes) -> str:
    return json.dumps(json.loads(body), indent=1, ensure_ascii=False)


def _frames(stream: bytes) -> str:
    return settled(stream.decode()).strip().replace("\n\n", "\n")
