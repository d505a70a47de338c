"""A hundred rounds against real processes, in parts that may run side by side."""

import subprocess
import sys

import pytest

from config.processes.folder import CHECKOUT

ROUNDS = 20


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_nothing_is_lost_or_doubled_whatever_is_killed(seed: int) -> None:
    words = ["-m", "tests.faults", "--seed", str(seed), "--rounds", str(ROUNDS)]

    run = subprocess.run([sys.executable, *words], cwd=CHECKOUT, check=False, capture_output=True, text=True)

    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-4000:]
    assert f"{ROUNDS} of {ROUNDS}" in run.stdout
