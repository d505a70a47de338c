"""The table in this folder's README maps each line of the wire contract to tests that are there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent
TESTS = FOLDER.parent
ROW = re.compile(r"^\| (\d+) \|[^|]+\|([^|]+)\|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/.]+\.py)::(test_\w+)`")
# The twenty-first, signed webhooks, is no matter of the gateway.
LINES = [*range(1, 21), 22]
ROWS = {int(line): tests for line, tests in ROW.findall((FOLDER / "README.md").read_text())}


def test_every_line_is_mapped() -> None:
    assert sorted(ROWS) == LINES


@pytest.mark.parametrize("line", LINES)
def test_its_tests_are_there(line: int) -> None:
    named = NAMED.findall(ROWS[line])

    assert named
    for file, test in named:
        assert test in _tests_of(file), f"{file}::{test}"


@cache
def _tests_of(file: str) -> frozenset[str]:
    path = TESTS / file if "/" in file else FOLDER / file
    tree = ast.parse(path.read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
