"""Which port each part listens on, and a clear sentence when it is taken."""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from config.embedded.redis_server import LOOPBACK, free_port
from config.processes.refusal import Refusal


def chosen_port(variable: str, default: int, *, must_be_free: bool = True) -> int:
    """Answer the port that `variable` names, `default` when it is unset, any free one when it is 0.

    Raises `Refusal` when the port is taken or is no port.
    """
    text = os.environ.get(variable) or str(default)
    try:
        port = int(text)
    except ValueError:
        raise Refusal(f"{variable} must be a port number, not {text!r}.") from None
    if not 0 <= port <= 65_535:  # noqa: PLR2004 -- The largest port there is.
        raise Refusal(f"{variable} must be a port number from 0 to 65535, not {port}.")
    if port == 0:
        return free_port()
    if must_be_free and not is_free(port):
        raise Refusal(f"Port {port} is taken{_holder(port)}: end that program, or set {variable} to another port.")
    return port


def refuse_shared_ports(ports: Mapping[str, int | None]) -> None:
    """Raise `Refusal` when two of these variables name one port. The parts that don't listen have none."""
    first: dict[int, str] = {}
    for variable, port in ports.items():
        if port in first:
            raise Refusal(f"{first[port]} and {variable} are both {port}: set one of them to another port.")
        if port:
            first[port] = variable


def kept_port(file: Path) -> int:
    """Answer the port noted in `file` while it is free, otherwise any free one, which is noted for the next time."""
    with suppress(FileNotFoundError, ValueError):
        port = int(file.read_text())
        if is_free(port):
            return port
    port = free_port()
    file.write_text(str(port))
    return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: connections that are still closing do not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _holder(port: int) -> str:
    """Answer " by python (process 12)" when the system tells it to this account, otherwise nothing."""
    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""
