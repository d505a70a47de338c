"""One program at a time owns the demo's folder, and a folder that can't be written is named."""

import os
from pathlib import Path

import pytest

from config.processes.folder import AlreadyOwned, DemoFolder
from config.processes.refusal import Refusal


def test_a_second_owner_is_told_who_the_first_is(tmp_path: Path) -> None:
    folder = DemoFolder(tmp_path)

    with folder.owned(), pytest.raises(AlreadyOwned, match=f"Process {os.getpid()} runs on {tmp_path}"), folder.owned():
        pass


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    folder = DemoFolder(tmp_path)
    with folder.owned():
        pass

    with folder.owned():
        assert (tmp_path / "run" / "owner").read_text() == str(os.getpid())


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Refusal, match=r"Cannot write to .*/file/var \(Not a directory\): .*set TOLLWAY_VAR"):
        DemoFolder(tmp_path / "file" / "var").create()


def test_others_may_pass_but_not_read_what_is_private(tmp_path: Path) -> None:
    DemoFolder(tmp_path).create()

    assert (tmp_path / "mail").stat().st_mode & 0o077 == 0
