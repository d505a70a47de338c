"""Keys: format, checksum, keyed hash."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tokens import (
    ALPHABET,
    Environment,
    KeyToken,
    is_hash_of,
    keyed_hash,
    looks_like_a_token,
    new_token,
    parse_peppers,
    parse_token,
    published_pattern,
)

TOKENS = st.builds(
    KeyToken.of,
    brand=st.just("tw"),
    environment=st.sampled_from(Environment),
    key_id=st.text(ALPHABET, min_size=12, max_size=12),
    secret=st.text(ALPHABET, min_size=32, max_size=32),
)


@given(TOKENS)
def test_what_is_written_is_read_again(token: KeyToken) -> None:
    assert re.fullmatch(r"tw_(live|test|admin)_[0-9A-Za-z]{50}", token.text)
    assert re.search(published_pattern("tw"), f"key={token.text};")
    assert parse_token(token.text, brand="tw") == token


@given(TOKENS, st.integers(8, 57), st.sampled_from(ALPHABET))
def test_one_mistyped_character_is_noticed(token: KeyToken, place: int, character: str) -> None:
    mistyped = token.text[:place] + character + token.text[place + 1 :]

    assert (parse_token(mistyped, brand="tw") is None) == (mistyped != token.text)


@given(st.text())
def test_no_text_at_all_breaks_the_parser(text: str) -> None:
    assert parse_token(text, brand="tw") is None
    assert parse_token(f"tw_live_{text}", brand="tw") is None


@pytest.mark.parametrize("change", ["ab_live_", "tw_admin_", "tw_", "TW_live_"])
def test_another_brand_or_kind_is_no_key(change: str) -> None:
    text = new_token("tw", Environment.LIVE).text

    assert parse_token(change + text.removeprefix("tw_live_"), brand="tw") is None


def test_a_mistyped_key_of_ours_is_told_from_something_else() -> None:
    assert looks_like_a_token("tw_test_oops", brand="tw")
    assert not looks_like_a_token("sk-live-oops", brand="tw")


def test_a_key_is_never_shown_by_accident() -> None:
    token = new_token("tw", Environment.LIVE)

    assert token.secret not in repr(token)
    assert token.secret not in token.prefix


def test_the_hash_depends_on_the_pepper_and_on_every_part() -> None:
    token = new_token("tw", Environment.LIVE)
    other = KeyToken.of("tw", Environment.TEST, key_id=token.key_id, secret=token.secret)
    hash_ = keyed_hash(token, b"pepper")

    assert is_hash_of(token, hash_, b"pepper")
    assert not is_hash_of(token, hash_, b"salt")
    assert not is_hash_of(other, hash_, b"pepper")


def test_peppers_are_read_newest_first() -> None:
    assert list(parse_peppers("p2:ff00, p1:0011").items()) == [("p2", b"\xff\x00"), ("p1", b"\x00\x11")]


@pytest.mark.parametrize("text", ["", "p1", "p1:", ":00", "p1:xyz", "p1:00,"])
def test_unreadable_peppers_are_named_and_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match=r"KEY_PEPPERS: entry \d is not id:hex") as caught:
        parse_peppers(text)

    assert "xyz" not in str(caught.value)
