"""The greeting's lines work when pasted."""

import json
import shlex
from pathlib import Path

import pytest

from config.processes.demo import Demo
from config.processes.folder import DemoFolder
from config.processes.greeting import greeting

NOTES = {
    "admin": {"email": "sam@tollway.example", "password": "open-the-gate"},
    "developer": {"email": "ada@example.com", "password": "first-car-through"},
    "api_key": "tw_test_abc",
    "model": "muse-spark",
}


@pytest.fixture
def text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GATEWAY_PORT", "8081")
    folder = DemoFolder(tmp_path)
    folder.create()
    folder.sign_ins.write_text(json.dumps(NOTES))
    return greeting(Demo(folder, starts_processes=False))


def test_the_call_is_one_line_for_the_shell(text: str) -> None:
    [line] = [line for line in text.splitlines() if "curl" in line]
    words = shlex.split(line)

    assert words[:2] == ["curl", "http://127.0.0.1:8081/v1/chat/completions"]
    assert "Authorization: Bearer tw_test_abc" in words
    assert json.loads(words[words.index("-d") + 1])["model"] == "muse-spark"


def test_it_tells_where_to_go_and_as_whom(text: str) -> None:
    for part in ("/mailbox/", "/admin/", "http://127.0.0.1:8081/v1", "sam@tollway.example", "first-car-through"):
        assert part in text
