"""Settings are read from the environment by type, and what is wrong with them is said by name."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment


@pytest.fixture
def variable(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("THING", raising=False)
    return monkeypatch


def test_a_missing_text_stops_the_start_and_is_named(variable: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="Set THING"):
        environment.text("THING")


def test_an_empty_text_counts_as_missing(variable: pytest.MonkeyPatch) -> None:
    variable.setenv("THING", "")

    assert environment.text("THING", "default") == "default"


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("0", False), ("", False), ("off", False)])
def test_flags(variable: pytest.MonkeyPatch, text: str, value: bool) -> None:
    variable.setenv("THING", text)

    assert environment.flag("THING", default=True) is value


def test_a_flag_that_is_neither_is_refused(variable: pytest.MonkeyPatch) -> None:
    variable.setenv("THING", "maybe")

    with pytest.raises(ImproperlyConfigured, match="THING must be 1 or 0, not 'maybe'"):
        environment.flag("THING")


def test_a_number_that_is_none_is_refused(variable: pytest.MonkeyPatch) -> None:
    variable.setenv("THING", "many")

    with pytest.raises(ImproperlyConfigured, match="THING must be a whole number"):
        environment.whole("THING", 3)


def test_words_come_without_blanks(variable: pytest.MonkeyPatch) -> None:
    variable.setenv("THING", " a, ,b ,")

    assert environment.words("THING") == ["a", "b"]


def test_a_folder_is_absolute(variable: pytest.MonkeyPatch, tmp_path: Path) -> None:
    variable.chdir(tmp_path)
    variable.setenv("THING", "var")

    assert environment.folder("THING", Path("/elsewhere")) == tmp_path / "var"
