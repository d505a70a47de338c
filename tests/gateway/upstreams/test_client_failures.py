"""Contract of an HTTP client: each failure says whether the server may have read the request."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.redis_server import free_port
from gateway.upstream import UpstreamClient, UpstreamDown, UpstreamSlow
from tests.gateway.upstreams.certificate import Certificate, make_certificate
from tests.gateway.upstreams.conftest import Client, fetched, post
from tests.gateway.upstreams.raw_server import HELLO, Peer, raw_server
from tests.gateway.upstreams.test_client_bodies import CHUNKED, answering
from tests.gateway.upstreams.test_client_connections import silent


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return make_certificate(tmp_path)


@pytest.fixture
def full_backlog() -> Iterator[int]:
    """A port where nobody accepts and the queue is full: the system drops what knocks."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        port = listening.getsockname()[1]
        knocking = [socket.socket() for _ in range(3)]
        for each in knocking:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        yield port
        for each in knocking:
            each.close()


async def test_nobody_listens(client: UpstreamClient) -> None:
    with pytest.raises(UpstreamDown) as down:
        await fetched(client, f"http://127.0.0.1:{free_port()}/v1")

    assert not down.value.was_sent


async def test_nobody_accepts(client: UpstreamClient, full_backlog: int) -> None:
    with pytest.raises(UpstreamSlow) as slow:
        await fetched(client, f"http://127.0.0.1:{full_backlog}/v1", connect_timeout=0.2)

    assert not slow.value.was_sent


@pytest.mark.parametrize("is_reset", [True, False], ids=["by a reset", "by an end"])
async def test_a_connection_that_breaks_before_the_head(client: UpstreamClient, is_reset: bool) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        if is_reset:
            peer.reset()

    async with raw_server(handler) as server:
        with pytest.raises(UpstreamDown) as down:
            await fetched(client, server.url)

    assert (down.value.was_sent, down.value.was_kept) == (True, False)


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5, 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nx-long: " + b"x" * 100_000 + b"\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\n" + b"x-many: value\r\n" * 10_000 + b"content-length: 5\r\n\r\nhello",
    ],
    ids=["another protocol", "no status", "no header", "a negative length", "two lengths", "a long header", "many"],
)
async def test_what_is_not_an_answer(client: UpstreamClient, answer: bytes) -> None:
    async with raw_server(answering(answer, then_close=True)) as server:
        with pytest.raises(UpstreamDown) as down:
            await fetched(client, server.url)

    assert down.value.was_sent


async def test_a_head_without_end_is_bounded(client: UpstreamClient) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        peer.writer.write(b"HTTP/1.1 200 OK\r\nx: ")
        while True:
            peer.writer.write(b"x" * 65_536)
            await peer.writer.drain()

    async with raw_server(handler) as server, asyncio.timeout(5):
        with pytest.raises(UpstreamDown):
            await fetched(client, server.url)


async def test_silence_before_the_head(client: UpstreamClient) -> None:
    async with raw_server(silent) as server:
        with pytest.raises(UpstreamSlow) as slow:
            await fetched(client, server.url, read_timeout=0.1)

    assert slow.value.was_sent


async def test_silence_in_the_body(client: UpstreamClient) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(CHUNKED, b"3\r\none\r\n")
        assert await peer.is_left()

    async with raw_server(handler) as server, client.open(post(server.url, read_timeout=0.1)) as answer:
        chunks = answer.chunks()
        assert await anext(chunks) == b"one"
        with pytest.raises(UpstreamSlow):
            await anext(chunks)


async def test_slow_is_not_silent(client: UpstreamClient) -> None:
    """The timeout is for each silence, not for the whole answer."""

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(CHUNKED)
        for _ in range(6):
            await asyncio.sleep(0.1)
            await peer.send(b"1\r\nx\r\n")
        await peer.send(b"0\r\n\r\n")

    async with raw_server(handler) as server:
        assert await fetched(client, server.url, read_timeout=0.4) == b"xxxxxx"


async def test_a_body_that_the_server_does_not_read(client: UpstreamClient) -> None:
    """It may answer before it has read all, and close: the answer counts, or the connection is said to be broken."""

    async def handler(peer: Peer) -> None:
        await peer.send(HELLO.replace(b"200 OK", b"413 Too Large"))
        assert not await peer.is_left()

    async with raw_server(handler) as server:
        try:
            async with client.open(post(server.url, body=b"x" * 20_000_000)) as answer:
                told = answer.status == 413
        except UpstreamDown as down:
            told = down.was_sent

    assert told


async def test_a_server_with_a_trusted_certificate(client_for: Client, certificate: Certificate) -> None:
    async with raw_server(answering(HELLO), tls=certificate.for_server()) as server:
        client = client_for(tls=certificate.trusted())

        assert await fetched(client, server.url) == b"hello"
        assert await fetched(client, server.url) == b"hello"
        assert server.connections == 1


async def test_a_certificate_that_nobody_vouches_for(client: UpstreamClient, certificate: Certificate) -> None:
    async with raw_server(answering(HELLO), tls=certificate.for_server()) as server:
        with pytest.raises(UpstreamDown) as down:
            await fetched(client, server.url)

    assert not down.value.was_sent
    assert [peer.requests for peer in server.peers] == []


async def test_a_certificate_of_another_name(client_for: Client, tmp_path: Path) -> None:
    other = make_certificate(tmp_path, host="models.example")
    async with raw_server(answering(HELLO), tls=other.for_server()) as server:
        with pytest.raises(UpstreamDown) as down:
            await fetched(client_for(tls=other.trusted()), server.url)

    assert not down.value.was_sent


async def test_proxies_of_the_environment_are_not_used(client_for: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")

    async with raw_server(answering(HELLO)) as server:
        assert await fetched(client_for(), server.url) == b"hello"
