"""Static files are collected when they changed, and only then."""

from pathlib import Path

import pytest
from pytest_django import Settings

from config.processes.static_files import collect_static_files


@pytest.fixture
def source(tmp_path: Path, settings: Settings) -> Path:
    (tmp_path / "source").mkdir()
    (tmp_path / "static").mkdir()
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    (tmp_path / "source" / "toll.css").write_text("a {}")
    return tmp_path / "source"


def collected(source: Path) -> Path:
    return source.parent / "static" / "toll.css"


def test_unchanged_files_are_not_collected_again(source: Path) -> None:
    collect_static_files()
    collected(source).write_text("left alone")

    collect_static_files()

    assert collected(source).read_text() == "left alone"


def test_a_changed_file_is_collected(source: Path) -> None:
    collect_static_files()
    (source / "toll.css").write_text("a { color: red }")

    collect_static_files()

    assert collected(source).read_text() == "a { color: red }"


def test_a_removed_file_is_removed_from_the_collection(source: Path) -> None:
    collect_static_files()
    (source / "toll.css").unlink()

    collect_static_files()

    assert not collected(source).exists()
