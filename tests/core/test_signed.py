"""What one part tells another under their common key: nothing can be changed, kept, or used for something else."""

import pytest

from core.ids import born_at, uuid7
from core.signed import Purpose, line_event, parse_signing_key, read_signed, signed

KEY = bytes(range(32))
TEXT = signed(Purpose.PASSED_CALL, ["2001:db8::1", "req_1"], key=KEY, until=1_000)


def test_what_was_signed_is_read_until_it_expires() -> None:
    assert read_signed(TEXT, Purpose.PASSED_CALL, key=KEY, at=1_000) == ["2001:db8::1", "req_1"]
    assert read_signed(TEXT, Purpose.PASSED_CALL, key=KEY, at=1_001) is None


@pytest.mark.parametrize(
    "text", ["", "~", "passed~x", TEXT.replace("req_1", "req_2"), TEXT[:-1], TEXT + "0", TEXT.replace("1000", "2000")]
)
def test_what_was_changed_is_not(text: str) -> None:
    assert read_signed(text, Purpose.PASSED_CALL, key=KEY, at=0) is None


def test_another_purpose_another_key_and_no_key_read_nothing() -> None:
    assert read_signed(TEXT, Purpose.BATCH_LINE, key=KEY, at=0) is None
    assert read_signed(TEXT, Purpose.PASSED_CALL, key=bytes(32), at=0) is None
    unsigned = signed(Purpose.PASSED_CALL, ["a"], key=b"", until=1_000)
    assert read_signed(unsigned, Purpose.PASSED_CALL, key=b"", at=0) is None


def test_a_word_with_the_separator_is_refused() -> None:
    with pytest.raises(ValueError, match="tilde"):
        signed(Purpose.BATCH_LINE, ["a~b"], key=KEY, until=1)


def test_a_line_has_one_event_which_is_born_with_its_batch() -> None:
    batch = uuid7()

    events = {line_event(batch, line) for line in range(100)} | {line_event(batch, 0)}

    assert len(events) == 100
    assert {born_at(event) for event in events} == {born_at(batch)}
    assert {event.version for event in events} == {7}


@pytest.mark.parametrize("text", ["xyz", "00" * 31])
def test_a_signing_key_that_is_too_short_or_unreadable_is_refused_unseen(text: str) -> None:
    with pytest.raises(ValueError, match="BATCH_SIGNING_KEY") as refused:
        parse_signing_key(text)

    assert text not in str(refused.value)


def test_a_signing_key_may_be_absent() -> None:
    assert parse_signing_key("") == b""
    assert parse_signing_key("ab" * 32) == b"\xab" * 32
