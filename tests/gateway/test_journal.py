"""The journal's files: nothing acknowledged is lost, and nobody replays what another gateway is writing."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.journal import Journal, Segment

ROWS = [{"id": str(number)} for number in range(5)]


def test_rows_come_back_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append(ROWS[:2])
    journal.append(ROWS[2:])

    segment = journal.oldest()

    assert segment is not None
    assert segment.rows() == ROWS
    assert (journal.events, journal.is_empty) == (5, False)
    journal.remove_oldest()
    assert (journal.events, journal.is_empty, journal.oldest_at) == (0, True, None)
    assert list(tmp_path.iterdir()) == []


def test_what_is_replayed_is_no_longer_written_to(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append(ROWS[:1])
    first = journal.oldest()

    journal.append(ROWS[1:])

    assert first is not None
    assert first.rows() == ROWS[:1]
    journal.remove_oldest()
    second = journal.oldest()
    assert second is not None
    assert second.rows() == ROWS[1:]
    journal.close()


def test_a_living_gateways_file_is_left_alone(tmp_path: Path) -> None:
    living = Journal(tmp_path)
    living.append(ROWS)

    other = Journal(tmp_path)
    assert other.is_empty
    living.close()
    heir = Journal(tmp_path)

    assert heir.events == 5
    heir.close()


def test_a_failing_disk_begins_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path)
    journal.append(ROWS[:1])

    def full(_self: Segment, _rows: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Segment, "append", full)
        with pytest.raises(OSError, match="No space"):
            journal.append(ROWS[1:2])
    journal.append(ROWS[2:])

    assert len(list(tmp_path.iterdir())) == 2
    assert journal.events == 4
    journal.close()


def test_a_refused_row_is_kept_apart(tmp_path: Path) -> None:
    journal = Journal(tmp_path)

    journal.refuse(ROWS[0], "because")

    assert (tmp_path / "refused.jsonl").read_text() == '{"reason":"because","row":{"id":"0"}}\n'
    assert journal.is_empty


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The kernel refuses to write beyond it, as on a full disk; Python ignores the signal that comes along."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_in_the_middle_of_a_line_loses_and_repeats_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    rows = [{"id": str(number), "text": "x" * 100} for number in range(4)]
    journal.append(rows[:1])

    with files_of_at_most(300), pytest.raises(OSError, match="File too large"):
        journal.append(rows[1:])
    journal.append(rows[1:])
    journal.close()

    heir = Journal(tmp_path)
    kept = [row for found in heir.adopted() for row in found]
    heir.close()
    assert {row["id"] for row in kept} == {"0", "1", "2", "3"}
    assert all(len(row["text"]) == 100 for row in kept)
