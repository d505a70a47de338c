"""A terminal that is gone must not keep the process manager from ending its children."""

import os
import pty
import sys

import pytest

from config.processes.terminal import Terminal


def test_a_closed_terminal_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    window, terminal = pty.openpty()
    output = os.fdopen(terminal, "w")
    monkeypatch.setattr(sys, "stdout", output)
    os.close(window)

    Terminal().show("Every process has ended.")

    with pytest.raises(OSError, match="Input/output error"):
        output.close()
