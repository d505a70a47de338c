"""Where the SDKs are installed: the newest beside the tests, old majors in environments that are made once."""

import subprocess
import sys
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
        _run(sys.executable, "-m", "venv", "--clear", str(folder))
        _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", OLD[name])
    except (subprocess.SubprocessError, OSError) as error:
        return f"{OLD[name]} can't be installed here: {error}"
    (folder / "complete").touch()
    return python


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, timeout=INSTALL_SECONDS)
