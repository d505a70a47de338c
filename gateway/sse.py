"""Server-sent events as model servers stream them: bytes in, whole frames out."""

import msgspec

MOST_PENDING = 16 * 1024 * 1024
KEEP_ALIVE = b": keep-alive\n\n"
DONE = b"data: [DONE]\n\n"


class FrameTooLarge(Exception):
    """The model server sent more than `MOST_PENDING` bytes without ending a frame."""


class Frames:
    """Cuts a byte stream at blank lines; what is not yet whole waits."""

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Answer the frames completed by `data`, each with its blank line."""
        if b"\r" in data or self._pending.endswith(b"\r"):
            data = (self._pending + data).replace(b"\r\n", b"\n")
            self._pending = b""
        *whole, self._pending = (self._pending + data).split(b"\n\n")
        if len(self._pending) > MOST_PENDING:
            raise FrameTooLarge
        return [frame + b"\n\n" for frame in whole]


def data_of(frame: bytes) -> bytes:
    """The payload of a frame; empty for comments. `id:` and `event:` lines are not part of this dialect."""
    if frame.startswith(b"data:") and frame.count(b"\n") == 2:  # noqa: PLR2004 - one line and the blank one
        return frame[5:].strip()
    lines = [line[5:].strip() for line in frame.split(b"\n") if line.startswith(b"data:")]
    return b"\n".join(lines)


def frame_of(data: bytes) -> bytes:
    return b"data: " + data + b"\n\n"


def named_frame(payload: dict[str, object]) -> bytes:
    """A frame that names its event, as dialects with many kinds of events have it: by the payload's own `type`."""
    return f"event: {payload['type']}\n".encode() + frame_of(msgspec.json.encode(payload))
