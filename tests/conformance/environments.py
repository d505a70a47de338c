"""Where the SDKs are installed: the newest beside the tests, old majors in environments that are made once."""

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "var" / "conformance"
OLD = {"openai": "openai==1.109.1", "anthropic": "anthropic==0.75.0"}
INSTALL_SECONDS = 150


def python_of(name: str, age: str) -> str:
    """Answer the interpreter that has the SDK; skip the test, with the reason, where it can't be installed."""
    if age == "new":
        return sys.executable
    found = _made(name)
    if isinstance(found, str):
        pytest.skip(found)
    return str(found)


@cache
def _made(name: str) -> Path | str:
    """The environment's interpreter, or why there is none."""
    folder = FOLDER / OLD[name].replace("==", "-")
    python = folder / "bin" / "python"
    if (folder / "complete").exists():
        return python
    try:
        with _alone():
            if not (folder / "complete").exists():
                _install(folder, OLD[name])
    except (subprocess.SubprocessError, OSError) as error:
        return f"{OLD[name]} can't be installed here: {error}"
    return python


@contextmanager
def _alone() -> Iterator[None]:
    """Parallel test processes make an environment one after the other."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(folder: Path, requirement: str) -> None:
    _run(sys.executable, "-m", "venv", "--clear", str(folder))
    python = str(folder / "bin" / "python")
    _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", requirement)
    (folder / "complete").touch()


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, timeout=INSTALL_SECONDS)
