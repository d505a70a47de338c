"""Contract of an HTTP client: which connections it keeps, how many, and when it closes them."""

import asyncio
from contextlib import suppress

import pytest

from gateway.upstream import UpstreamClient, UpstreamDown, UpstreamFull
from tests.gateway.serving import until
from tests.gateway.upstreams.conftest import Client, fetched, post
from tests.gateway.upstreams.raw_server import HELLO, Peer, raw_server
from tests.gateway.upstreams.test_client_bodies import CHUNKED, answering


async def silent(peer: Peer) -> None:
    """Take the request and say nothing; end once the client has gone."""
    await peer.request()
    assert await peer.is_left()


async def begun(peer: Peer) -> None:
    """Begin an answer and go on for ever; end once the client has gone."""
    await peer.request()
    await peer.send(CHUNKED, b"3\r\none\r\n")
    assert await peer.is_left()


async def test_a_connection_serves_one_request_after_the_other(client: UpstreamClient) -> None:
    async with raw_server(answering(HELLO)) as server:
        for _ in range(5):
            assert await fetched(client, server.url) == b"hello"

        assert server.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        HELLO.replace(b"content-type: text/plain", b"connection: close"),
        HELLO.replace(b"HTTP/1.1", b"HTTP/1.0"),
        HELLO + b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad",
    ],
    ids=["connection: close", "HTTP/1.0", "more than was asked for"],
)
async def test_a_connection_that_is_over_is_not_used_again(client: UpstreamClient, answer: bytes) -> None:
    async with raw_server(answering(answer)) as server:
        assert await fetched(client, server.url) == b"hello"
        assert await fetched(client, server.url) == b"hello"

        assert server.connections == 2


async def test_a_server_that_closes_after_its_answer_is_met_again(client: UpstreamClient) -> None:
    async with raw_server(answering(HELLO, then_close=True)) as server:
        for _ in range(3):
            assert await fetched(client, server.url) == b"hello"
            await asyncio.sleep(0.05)  # The client learns that the server has closed.

        assert server.connections == 3


async def test_a_half_closed_connection_is_not_used_again(client: UpstreamClient) -> None:
    """The server has ended its side and still reads: what is sent there is never answered."""

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(HELLO)
        peer.half_close()
        assert await peer.is_left()

    async with raw_server(handler) as server:
        assert await fetched(client, server.url) == b"hello"
        await asyncio.sleep(0.05)
        assert await fetched(client, server.url) == b"hello"

        assert server.connections == 2


async def test_a_kept_connection_that_broke_is_told_apart(client: UpstreamClient) -> None:
    """Who knows that may send once more: such a server closed an idle connection as the request was on its way."""

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(HELLO)
        await peer.request()

    async with raw_server(handler) as server:
        await fetched(client, server.url)
        with pytest.raises(UpstreamDown) as down:
            await fetched(client, server.url)

    assert (down.value.was_sent, down.value.was_kept) == (True, True)


async def test_an_idle_connection_is_closed_in_time(client_for: Client) -> None:
    client = client_for(idle_seconds=0.1)

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(HELLO)
        assert await peer.is_left()

    async with raw_server(handler) as server:
        await fetched(client, server.url)
        await asyncio.sleep(0.3)
        await fetched(client, server.url)

        assert server.connections == 2


async def test_who_leaves_before_the_end_closes_the_connection(client: UpstreamClient) -> None:
    left = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await begun(peer)
        left.set()

    async with raw_server(handler) as server:
        async with client.open(post(server.url)) as answer:
            await anext(answer.chunks())
        async with asyncio.timeout(2):
            await left.wait()


@pytest.mark.parametrize("handler", [silent, begun], ids=["before the head", "in the body"])
async def test_a_cancelled_request_closes_the_connection(client: UpstreamClient, handler: object) -> None:
    left = asyncio.Event()

    async def play(peer: Peer) -> None:
        with suppress(ConnectionError):  # It may have gone in the middle of a part.
            await handler(peer)  # type: ignore[operator]
        left.set()

    async with raw_server(play) as server:
        task = asyncio.create_task(fetched(client, server.url))
        await until(lambda: server.connections == 1 and len(server.peers[0].requests) == 1)
        task.cancel()

        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(2):
            await left.wait()


async def test_closing_the_client_closes_kept_connections(client_for: Client) -> None:
    client = client_for()
    left = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(HELLO)
        assert await peer.is_left()
        left.set()

    async with raw_server(handler) as server:
        await fetched(client, server.url)
        await client.close()
        async with asyncio.timeout(2):
            await left.wait()


async def test_connections_to_one_server_are_bounded(client_for: Client) -> None:
    client = client_for(most_connections=2)
    go_on = asyncio.Event()

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await go_on.wait()
            await peer.send(HELLO)

    async with raw_server(handler) as server, raw_server(answering(HELLO)) as other:
        waiting = [asyncio.create_task(fetched(client, server.url)) for _ in range(6)]
        await until(lambda: server.connections == 2)
        assert await fetched(client, other.url) == b"hello"  # The bound is each server's own.
        go_on.set()

        assert await asyncio.gather(*waiting) == [b"hello"] * 6
        assert server.connections == 2


async def test_who_gets_no_connection_in_time_is_told_so(client_for: Client) -> None:
    client = client_for(most_connections=1)

    async with raw_server(begun) as server, client.open(post(server.url)):
        with pytest.raises(UpstreamFull) as full:
            await fetched(client, server.url, connect_timeout=0.1)

    assert not full.value.was_sent


async def test_who_stops_waiting_takes_no_connection(client_for: Client) -> None:
    client = client_for(most_connections=1)
    go_on = asyncio.Event()

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await go_on.wait()
            await peer.send(HELLO)

    async with raw_server(handler) as server:
        first = asyncio.create_task(fetched(client, server.url))
        await until(lambda: server.connections == 1)
        second = asyncio.create_task(fetched(client, server.url))
        await asyncio.sleep(0.05)
        second.cancel()
        go_on.set()

        assert await first == b"hello"
        assert await fetched(client, server.url) == b"hello"


async def test_a_failed_connection_gives_its_place_back(client_for: Client) -> None:
    client = client_for(most_connections=1)

    async def handler(peer: Peer) -> None:
        await peer.request()
        peer.reset()

    async with raw_server(handler) as server:
        for _ in range(3):
            with pytest.raises(UpstreamDown):
                await fetched(client, server.url)

        assert server.connections == 3
