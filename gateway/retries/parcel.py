"""Parts of a recording as they travel through Redis: a letter that tells the kind, then the content."""

import msgspec

from gateway.retries.reading import Data, Head, Missing, Part

_HEAD = msgspec.json.Decoder(tuple[int, list[tuple[str, str]]])


def packed(part: Part) -> bytes:
    match part:
        case Head(status, headers):
            texts = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
            return b"h" + msgspec.json.encode((status, texts))
        case Data(data, is_last):
            return (b"e" if is_last else b"d") + data
        case Missing(was_answered):
            return b"a" if was_answered else b"m"


def unpacked(parcel: bytes) -> Part:
    kind, content = parcel[:1], parcel[1:]
    if kind == b"h":
        status, texts = _HEAD.decode(content)
        return Head(status, [(name.encode("latin-1"), value.encode("latin-1")) for name, value in texts])
    if kind in (b"d", b"e"):
        return Data(content, is_last=kind == b"e")
    return Missing(was_answered=kind == b"a")
