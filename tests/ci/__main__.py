"""Run everything, also after a failure, and end with status 1 if anything failed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.chromium import find_chromium
from tests.ci.gates import GATES
from tests.ci.step import Outcome, Step, report
from tests.ci.suites import BROWSER_TEST, COVERAGE, TESTS

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    os.chdir(CHECKOUT)
    outcomes = [*run_gates(), *run_suites()]
    failed = [outcome.name for outcome in outcomes if not outcome.passed]
    print(f"FAIL: {', '.join(failed)}" if failed else f"All {len(outcomes)} steps passed.", flush=True)
    return 1 if failed else 0


def run_gates() -> list[Outcome]:
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return [report(outcome) for outcome in pool.map(Step.run, GATES)]


def run_suites() -> Iterator[Outcome]:
    yield report(TESTS.run())
    install_chromium()
    yield report(BROWSER_TEST.run())
    coverage = COVERAGE.run()
    yield report(coverage)
    print(f"      {total_line(coverage.output)}; `.venv/bin/coverage report` lists what is missing.")


def install_chromium() -> None:
    """Install a Chromium where there is none and this account may. The browser test skips itself otherwise."""
    if find_chromium() is None:
        subprocess.run(["bin/install-chromium"], check=False)


def total_line(output: str) -> str:
    """Answer coverage's last row, which sums up the whole product."""
    return next((" ".join(line.split()) for line in output.splitlines() if line.startswith("TOTAL")), "no coverage")


if __name__ == "__main__":
    sys.exit(main())
