"""The tests: all but one side by side, then the one in a browser by itself, and the coverage of both together."""

import os

from tests.ci.step import Step, module

# Each parallel process holds a database and a Redis of its own; beyond this many they only wait for the disk.
MOST_PROCESSES = 8
PROCESSES = min(max(2, os.cpu_count() or 2), MOST_PROCESSES)
# In percent, lines and branches together. Raise it when the tests have earned it.
COVERAGE_FLOOR = 93

TESTS = Step(
    "tests",
    module("pytest", "-n", str(PROCESSES), "-m", "not browser and not conformance_old", "--cov", "--cov-report="),
    is_shown=True,
)
BROWSER_TEST = Step(
    "browser test",
    module("pytest", "-m", "browser", "-rs", "--cov", "--cov-append", "--cov-report="),
    is_shown=True,
)
COVERAGE = Step("coverage", module("coverage", "report", f"--fail-under={COVERAGE_FLOOR}"))
