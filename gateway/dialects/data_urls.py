"""Data as an address: `data:<media type>;base64,<data>`."""

from typing import NamedTuple


class Data(NamedTuple):
    media_type: str
    base64: str


def data_url(media_type: str, base64: str) -> str:
    return f"data:{media_type};base64,{base64}"


def data_in(url: str) -> Data | None:
    """None where it is an address of another kind."""
    head, comma, base64 = url.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        return None
    return Data(head[5:-7].partition(";")[0], base64)
