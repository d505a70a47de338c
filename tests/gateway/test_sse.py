"""Frames come out whole, however the bytes arrive."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import sse
from gateway.sse import Frames, FrameTooLarge, data_of

STREAM = b'data: {"a":1}\n\n: note\n\ndata: two\ndata: lines\n\ndata: [DONE]\n\n'
EXPECTED = [b'data: {"a":1}\n\n', b": note\n\n", b"data: two\ndata: lines\n\n", b"data: [DONE]\n\n"]


@pytest.mark.parametrize("stream", [STREAM, STREAM.replace(b"\n", b"\r\n")])
@given(cuts=st.lists(st.integers(0, len(STREAM) + 10)))
def test_frames_do_not_depend_on_the_cuts(stream: bytes, cuts: list[int]) -> None:
    bounds = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    frames = Frames()

    found = [frame for start, end in pairwise(bounds) for frame in frames.feed(stream[start:end])]

    assert found == EXPECTED


def test_the_data_is_taken_out_of_a_frame() -> None:
    assert [data_of(frame) for frame in EXPECTED] == [b'{"a":1}', b"", b"two\nlines", b"[DONE]"]
    assert data_of(b'id: 7\nevent: x\ndata: {"b":2}\n\n') == b'{"b":2}'


def test_an_endless_frame_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MOST_PENDING", 10)

    with pytest.raises(FrameTooLarge):
        Frames().feed(b"data: without end")
