"""The commands beside `bin/run`: `bin/manage` works with and without a running demo, `bin/reset` wipes after asking."""

from pathlib import Path

import pytest

from config.processes import reset
from config.processes.folder import CHECKOUT, DemoFolder
from config.processes.manage import manage
from config.processes.refusal import Refusal, refusals_as_sentences
from tests.config.test_embedded import processes_in


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DemoFolder:
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("TOLLWAY_VAR", str(tmp_path))
    return DemoFolder(tmp_path)


def test_a_command_brings_its_own_servers_when_nothing_runs(
    folder: DemoFolder, capfd: pytest.CaptureFixture[str]
) -> None:
    status = manage(folder, ["showmigrations", "contenttypes", "--skip-checks"])

    assert status == 0
    assert "[ ] 0001_initial" in capfd.readouterr().out
    assert processes_in(folder.path) == []


def test_a_command_uses_the_environment_of_the_running_demo(
    folder: DemoFolder, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SECRET_KEY")
    with folder.owned():
        folder.environment_file.write_text(
            "SECRET_KEY=x KEY_PEPPERS=p1:00 BRAND_NAME=Bridge DATABASE_URL=postgresql:///x REDIS_URL=redis://x"
        )

        status = manage(
            folder, ["shell", "-v", "0", "-c", "from django.conf import settings; print(settings.BRAND_NAME)"]
        )

    assert status == 0
    assert capfd.readouterr().out == "Bridge\n"


def test_the_exit_status_is_the_commands_own(folder: DemoFolder) -> None:
    with folder.owned():
        folder.environment_file.write_text("")

        assert manage(folder, ["no_such_command"]) != 0


def test_reset_wipes_when_told_so(folder: DemoFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YES", "1")
    (folder.path / "secrets").mkdir()

    reset.main()

    assert not folder.path.exists()


def test_reset_refuses_where_nobody_can_be_asked(folder: DemoFolder, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match=r"^tollway: Wiping .* needs a terminal to ask at, or YES=1\.$"):
        reset.main()

    assert folder.path.exists()


@pytest.mark.parametrize("leaving", [EOFError, KeyboardInterrupt])
def test_who_leaves_the_question_wipes_nothing(
    leaving: type[BaseException], folder: DemoFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(_question: str) -> str:
        raise leaving

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", leave)

    with pytest.raises(SystemExit, match=r"^tollway: Nothing was wiped\.$"):
        reset.main()

    assert folder.path.exists()


def test_reset_refuses_while_the_demo_runs(folder: DemoFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YES", "1")

    with folder.owned(), pytest.raises(SystemExit, match=r"runs on .* already"):
        reset.main()

    assert folder.path.exists()


def test_a_refusal_is_a_sentence_and_no_traceback() -> None:
    with pytest.raises(SystemExit) as ending, refusals_as_sentences():
        raise Refusal("The bridge is closed.")

    assert ending.value.code == "tollway: The bridge is closed."


@pytest.mark.parametrize("command", sorted((CHECKOUT / "bin").iterdir()), ids=lambda path: path.name)
def test_every_command_says_what_it_is_for_and_can_be_run(command: Path) -> None:
    first, second, *_ = command.read_text().splitlines()

    assert first == "#!/bin/sh"
    assert second.startswith("# ")
    assert command.stat().st_mode & 0o111
