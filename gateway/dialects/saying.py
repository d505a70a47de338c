"""What can't be said in another dialect, and how the caller learns of it."""

from collections.abc import Mapping

from gateway.dialects.fields import FieldRefused, RawFields
from gateway.dialects.options import Names, Option


class CantSay(Exception):
    """An upstream's dialect has no word for an option, or for `what` inside it."""

    def __init__(self, option: Option, what: str = "") -> None:
        super().__init__(option)
        self.option = option
        self.what = what


def in_the_callers_words(cant: CantSay, names: Names, given: Mapping[str, object]) -> FieldRefused:
    ours = names[cant.option]
    param = next((name for name in ours if name in given), ours[0])
    return FieldRefused(f"{cant.what or param} can't be served by this model.", param=param)


def not_served(name: str) -> FieldRefused:
    return FieldRefused(f"{name} can't be served by this model.", param=name)


def refuse_unless_usual(raw: RawFields, usual: Mapping[str, frozenset[bytes]]) -> None:
    """Raises `FieldRefused` for a field of `usual` whose value is another than those, or null."""
    for name, harmless in usual.items():
        if name in raw and bytes(raw[name]).replace(b" ", b"") not in harmless | {b"null"}:
            raise not_served(name)
