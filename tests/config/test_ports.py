"""A port is the caller's choice, or the usual one, or any; and one that is taken is named in one sentence."""

import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.redis_server import free_port
from config.processes.ports import chosen_port, is_free, kept_port, refuse_shared_ports
from config.processes.refusal import Refusal


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_taken_port_is_refused_with_its_variable_and_its_holder(taken: int) -> None:
    sentence = rf"Port {taken} is taken by \S+ \(process {os.getpid()}\): .*set TOLL_PORT to another port"

    with pytest.raises(Refusal, match=sentence):
        chosen_port("TOLL_PORT", taken)


def test_who_starts_nothing_may_name_a_taken_port(taken: int) -> None:
    assert chosen_port("TOLL_PORT", taken, must_be_free=False) == taken


def test_the_caller_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("TOLL_PORT", str(port))

    assert chosen_port("TOLL_PORT", 1) == port


def test_zero_means_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOLL_PORT", "0")

    assert is_free(chosen_port("TOLL_PORT", 1))


@pytest.mark.parametrize("text", ["http", "-1", "65536"])
def test_what_is_no_port_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("TOLL_PORT", text)

    with pytest.raises(Refusal, match=f"TOLL_PORT must be a port number.*{re.escape(text)}"):
        chosen_port("TOLL_PORT", 1)


def test_a_kept_port_stays_while_it_is_free(tmp_path: Path) -> None:
    file = tmp_path / "port"

    assert kept_port(file) == kept_port(file)


def test_a_kept_port_that_was_taken_is_replaced(tmp_path: Path, taken: int) -> None:
    file = tmp_path / "port"
    file.write_text(str(taken))

    port = kept_port(file)

    assert port != taken
    assert file.read_text() == str(port)


def test_two_parts_on_one_port_are_refused() -> None:
    with pytest.raises(Refusal, match=r"^PORT and GATEWAY_PORT are both 9000: "):
        refuse_shared_ports({"PORT": 9000, "STRIPE_SANDBOX_PORT": None, "MODEL_PORT": None, "GATEWAY_PORT": 9000})


def test_parts_on_ports_of_their_own_are_not_refused() -> None:
    refuse_shared_ports({"PORT": 9000, "STRIPE_SANDBOX_PORT": None, "MODEL_PORT": None, "GATEWAY_PORT": 9001})
