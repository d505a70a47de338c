"""A gateway process with narrow bounds, and a client that behaves while others don't."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from django.conf import settings as django_settings

from tests.gateway.books import Books
from tests.gateway.published import Account, Publisher, new_account
from tests.gateway.serving import GatewayProcess

FILES = 300
BOUNDS = {
    "GATEWAY_BODY_BYTES": "200000",
    "GATEWAY_BODY_SECONDS": "1.5",
    "GATEWAY_GRACE": "1",
    "GATEWAY_HEADER_BYTES": "8192",
    "GATEWAY_HEADER_SECONDS": "1",
    "GATEWAY_IDLE_SECONDS": "2",
    "GATEWAY_KEEP_ALIVE": "0.3",
    "GATEWAY_WRITE_SECONDS": "1.5",
}


@pytest.fixture(scope="module")
def bounded(database_url: str, model_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    folder: Path = tmp_path_factory.mktemp("bounded")
    environment = BOUNDS | {
        "DATABASE_URL": database_url,
        "REDIS_URL": django_settings.REDIS_URL,
        "MODEL_SERVER_URL": model_server,
        "GATEWAY_JOURNAL": str(folder),
    }
    process = GatewayProcess(environment, files=FILES)
    process.start()
    yield process
    process.end()


@pytest.fixture
def customer(bounded: GatewayProcess, published: Publisher, books: Books) -> Account:
    account = published.account(new_account())
    books.fund(account.id, micros=5_000_000)
    return account


@dataclass
class Served:
    """What a client that behaves has seen."""

    statuses: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture
def others_are_served(bounded: GatewayProcess, customer: Account) -> Callable[[], AbstractContextManager[Served]]:
    """Inside the block somebody calls all the time; each call must be answered, before and after the hostile part."""

    @contextmanager
    def watch() -> Iterator[Served]:
        served, is_over = Served(), threading.Event()

        def keep_calling() -> None:
            with httpx2.Client(headers={"x-api-key": customer.token.text}, timeout=5) as client:
                while not is_over.is_set():
                    try:
                        body = {"model": "muse-embed", "input": "toll road"}
                        served.statuses.append(client.post(f"{bounded.url}/v1/embeddings", json=body).status_code)
                    except httpx2.HTTPError as error:
                        served.errors.append(repr(error))
                    time.sleep(0.02)

        thread = threading.Thread(target=keep_calling)
        thread.start()
        try:
            while len(served.statuses) < 2 and not served.errors:
                time.sleep(0.01)
            yield served
            reached = len(served.statuses)
            while len(served.statuses) < reached + 2 and not served.errors:
                time.sleep(0.01)
        finally:
            is_over.set()
            thread.join(10)
        assert served.errors == []
        assert set(served.statuses) == {200}

    return watch


@dataclass
class Raw:
    """A client of plain bytes."""

    connection: socket.socket

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def answer(self) -> bytes:
        """One whole answer with a length."""
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        top, _, body = received.partition(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in top.split(b"\r\n") if line.startswith(b"content-length:"))
        while len(body) < length:
            body += self._more()
        return top + b"\r\n\r\n" + body

    def _more(self) -> bytes:
        data = self.connection.recv(65_536)
        assert data, "The gateway has closed the connection."
        return data

    def everything(self) -> bytes:
        """What comes until the gateway closes; a reset after it is an end, too."""
        received = b""
        with suppress(ConnectionResetError):
            while data := self.connection.recv(65_536):
                received += data
        return received


@pytest.fixture
def raw(bounded: GatewayProcess) -> Iterator[Callable[[], Raw]]:
    made: list[socket.socket] = []

    def connect() -> Raw:
        made.append(socket.create_connection(("127.0.0.1", bounded.port), timeout=10))
        return Raw(made[-1])

    yield connect
    for each in made:
        each.close()


def head(account: Account, *headers: str, path: str = "/v1/chat/completions") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "host: gateway", f"x-api-key: {account.token.text}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"
