"""The process manager keeps its children alive, gives up with a sentence, and leaves nobody behind."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from config.processes import child as child_module
from config.processes.manager import ProcessManager
from config.processes.program import Program, python
from config.processes.readiness import PrintsLine
from config.processes.refusal import Refusal
from config.processes.running_file import RunningFile
from config.processes.terminal import Terminal

IDLE = "import os, time; print('ready', os.getpid()); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + IDLE
PARENT = "import subprocess, sys; print('mine', subprocess.Popen(['sleep', '60']).pid);" + IDLE


def program(code: str, label: str = "child") -> Program:
    return Program(label=label, command=python("-c", code), readiness=PrintsLine(re.compile("ready")))


@pytest.fixture
def running_file(tmp_path: Path) -> RunningFile:
    return RunningFile(tmp_path / "processes.json")


@pytest.fixture
async def manager(running_file: RunningFile) -> AsyncIterator[ProcessManager]:
    async with ProcessManager(Terminal(), running_file) as manager:
        yield manager


def printed_pids(output: str, word: str = "ready") -> list[int]:
    return [int(pid) for pid in re.findall(rf"\| {word} (\d+)", output)]


async def until_printed(capsys: pytest.CaptureFixture[str], pattern: str) -> str:
    output = ""
    async with asyncio.timeout(10):
        while not re.search(pattern, output, re.DOTALL):
            await asyncio.sleep(0.05)
            output += capsys.readouterr().out
    return output


async def test_lines_carry_the_label(manager: ProcessManager, capsys: pytest.CaptureFixture[str]) -> None:
    await manager.start([program(IDLE, "portal")])

    assert re.search(r"^portal   \| ready \d+$", capsys.readouterr().out, re.MULTILINE)


async def test_lines_that_tell_nothing_are_hidden(manager: ProcessManager, capsys: pytest.CaptureFixture[str]) -> None:
    chatty = replace(program("print('tick'); print('tock');" + IDLE), hidden_lines=re.compile("tick"))

    await manager.start([chatty])

    output = capsys.readouterr().out
    assert "tock" in output
    assert "tick" not in output


async def test_a_killed_child_comes_back(manager: ProcessManager, capsys: pytest.CaptureFixture[str]) -> None:
    await manager.start([program(IDLE)])
    [first] = printed_pids(capsys.readouterr().out)

    os.kill(first, signal.SIGKILL)

    output = await until_printed(capsys, r"\| ready \d+\n")
    assert "child ended by signal SIGKILL; starting it again." in output
    assert printed_pids(output) != [first]


async def test_what_a_killed_child_had_started_ends_too(
    manager: ProcessManager, capsys: pytest.CaptureFixture[str]
) -> None:
    await manager.start([program(PARENT)])
    output = capsys.readouterr().out
    [first], [grandchild] = printed_pids(output), printed_pids(output, "mine")

    os.kill(first, signal.SIGKILL)
    await until_printed(capsys, r"\| ready \d+\n")

    assert is_gone(grandchild)


async def test_stopping_leaves_none_behind(
    running_file: RunningFile, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.processes.manager.STOP_SECONDS", 0.5)

    async with ProcessManager(Terminal(), running_file) as manager:
        await manager.start([program(IDLE), program(STUBBORN, "stubborn"), program(PARENT)])

    output = capsys.readouterr().out
    assert "stubborn did not end within" in output
    assert all(is_gone(pid) for pid in (*printed_pids(output), *printed_pids(output, "mine")))
    assert json.loads(running_file.path.read_text()) == {}


async def test_a_child_that_dies_again_and_again_ends_the_start(
    manager: ProcessManager, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(child_module, "PAUSE_SECONDS", 0.01)

    with pytest.raises(Refusal, match="broken ended with exit status 3, 4 times in a row"):
        await manager.start([program(IDLE), program("raise SystemExit(3)", "broken")])


def test_what_a_killed_manager_left_is_ended_by_the_next(running_file: RunningFile) -> None:
    code = "import subprocess; subprocess.Popen(['sleep', '60'])"
    leader = subprocess.Popen([sys.executable, "-c", code + "; import time; time.sleep(60)"], start_new_session=True)
    running_file.add(leader.pid)
    while not psutil.Process(leader.pid).children():
        pass
    [grandchild] = psutil.Process(leader.pid).children()

    leader.kill()
    leader.wait()
    RunningFile(running_file.path).end_leftovers(grace=0)

    assert not grandchild.is_running()


def test_a_number_that_the_system_used_again_is_left_alone(running_file: RunningFile) -> None:
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    running_file.path.write_text(json.dumps({stranger.pid: psutil.Process(stranger.pid).create_time() - 3600}))

    assert running_file.end_leftovers(grace=0) == 0

    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
