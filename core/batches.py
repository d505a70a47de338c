"""Working through what is too much for one go."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def in_batches(items: Iterable[Item], most: int) -> Iterator[list[Item]]:
    """Answer the items in lists of `most`, the last of which may be shorter; they are taken as they are asked for."""
    rest = iter(items)
    while batch := list(islice(rest, most)):
        yield batch
