"""What a server must not get: thoughts that servers of another dialect have sealed."""

from collections.abc import Callable

import msgspec

from gateway.dialects.seals import MARK

_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


def without_foreign(items: msgspec.Raw, is_foreign: Callable[[msgspec.Raw], bool]) -> msgspec.Raw:
    """The items as they were written, if none of them is foreign, which is the usual and costs one look."""
    if MARK.encode() not in bytes(items):
        return items
    try:
        kept = [item for item in _ITEMS.decode(items) if not is_foreign(item)]
    except msgspec.DecodeError:  # Not what it should be: the server says so better.
        return items
    return msgspec.Raw(msgspec.json.encode(kept))
