"""The guard that keeps tests on this machine: a connection to anywhere else is an error that names the address."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any
from unittest import mock


class OutsideNetwork(AssertionError):
    """A test tried to leave this machine."""


@contextmanager
def only_this_machine() -> Iterator[None]:
    """Refuse every connection of Python's sockets but those to loopback and to Unix sockets."""
    with (
        mock.patch.object(socket.socket, "connect", _guarded(socket.socket.connect)),
        mock.patch.object(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex)),
    ):
        yield


def _guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX and not _is_loopback(str(address[0])):
            raise OutsideNetwork(f"A test tried to connect to {address!r}.")
        return connect(self, address)

    return guarded


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
