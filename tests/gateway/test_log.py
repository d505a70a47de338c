import json

import pytest

from gateway import log


def test_a_line_is_one_object_whose_name_no_field_replaces(capsys: pytest.CaptureFixture[str]) -> None:
    log.flush()
    capsys.readouterr()  # What earlier tests left waiting.
    log.line("it.happened", event="else", text="two\nlines", number=7)

    (line,) = capsys.readouterr().out.splitlines()
    record = json.loads(line)
    assert list(record)[:2] == ["at", "event"]
    assert (record["event"], record["text"], record["number"]) == ("it.happened", "two\nlines", 7)
