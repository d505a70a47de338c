"""PostgreSQL's account passes the folders that only root may enter, and can do nothing else that root can."""

import os
import pwd
import subprocess
from pathlib import Path
from signal import SIGTERM

import pytest

from config.embedded.privileges import ACCOUNT_NAME, CAP_DAC_OVERRIDE, are_open_to_all, lesser_account
from config.embedded.spawning import child_setup

only_as_root = pytest.mark.skipif(os.geteuid() != 0, reason="Only root has privileges to give up.")


def as_lesser_account(path: Path, script: str) -> str:
    words = ["/bin/sh", "-c", script, "sh", str(path)]
    setup = child_setup(SIGTERM, lesser_account(path))
    return subprocess.run(words, preexec_fn=setup, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def closed_file(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    file = tmp_path / "file"
    file.write_text("content")
    return file


def test_a_closed_folder_on_the_way_is_noticed(closed_file: Path) -> None:
    assert not are_open_to_all([Path("/etc/hostname"), closed_file])
    assert are_open_to_all([Path("/etc/hostname")])


@pytest.mark.skipif(os.geteuid() == 0, reason="Root needs one.")
def test_an_ordinary_user_needs_no_other_account(closed_file: Path) -> None:
    assert lesser_account(closed_file) is None


@only_as_root
def test_the_account_is_not_root(closed_file: Path) -> None:
    assert (
        as_lesser_account(closed_file, "grep ^Uid: /proc/self/status").split()[1:]
        == [str(pwd.getpwnam(ACCOUNT_NAME).pw_uid)] * 4
    )


@only_as_root
def test_the_account_passes_a_closed_folder(closed_file: Path) -> None:
    assert as_lesser_account(closed_file, 'test -r "$1" && cat "$1"') == "content"


@only_as_root
def test_the_account_keeps_a_capability_only_where_it_must_pass(closed_file: Path) -> None:
    capabilities = "grep ^CapEff: /proc/self/status | cut -f 2"

    assert int(as_lesser_account(closed_file, capabilities), 16) == 1 << CAP_DAC_OVERRIDE
    assert int(as_lesser_account(Path("/etc/hostname"), capabilities), 16) == 0
