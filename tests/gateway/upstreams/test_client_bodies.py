"""Contract of an HTTP client: what it sends, and what it makes of every kind of answer."""

import pytest

from gateway.upstream import MOST_WHOLE, UpstreamClient, UpstreamDown
from tests.gateway.upstreams.conftest import fetched, post
from tests.gateway.upstreams.raw_server import HELLO, Handler, Peer, raw_server

CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def answering(*parts: bytes, then_close: bool = False) -> Handler:
    """Answer each request of a connection with `parts`, sent one by one."""

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(*parts)
            if then_close:
                return

    return handler


def bytewise(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


@pytest.mark.parametrize(
    "parts",
    [
        [HELLO],
        [HELLO[:20], HELLO[20:-2], HELLO[-2:]],
        bytewise(HELLO),
        [CHUNKED, b"5\r\nhello\r\n", b"0\r\n\r\n"],
        [CHUNKED + b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"],
        bytewise(CHUNKED + b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
        [CHUNKED + b"5;name=value\r\nhello\r\n0\r\nx-trailer: t\r\n\r\n"],
        [b"HTTP/1.1 100 Continue\r\n\r\n", HELLO],
        [b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n", HELLO],
        [HELLO.replace(b"200 OK", b"200 ")],
        [HELLO.replace(b"text/plain", b"\xe4\xf6")],
    ],
    ids=[
        "with a length",
        "in pieces",
        "byte by byte",
        "chunked",
        "chunked at once",
        "chunked byte by byte",
        "with an extension and a trailer",
        "after a 100",
        "after other 1xx",
        "without a reason phrase",
        "with a header that is not ASCII",
    ],
)
async def test_a_body_is_read_however_it_is_sent(client: UpstreamClient, parts: list[bytes]) -> None:
    async with raw_server(answering(*parts)) as server:
        first, second = await fetched(client, server.url), await fetched(client, server.url)

    assert (first, second) == (b"hello", b"hello")
    assert server.connections == 1


async def test_a_body_may_end_with_the_connection(client: UpstreamClient) -> None:
    async with raw_server(answering(b"HTTP/1.1 200 OK\r\n\r\nhel", b"lo", then_close=True)) as server:
        assert await fetched(client, server.url) == b"hello"
        assert await fetched(client, server.url) == b"hello"

    assert server.connections == 2


async def read_into(received: list[bytes], client: UpstreamClient, url: str) -> None:
    async with client.open(post(url)) as answer:
        async for data in answer.chunks():
            received.append(data)  # noqa: PERF401 - An error must not lose what came before it.


async def test_an_empty_body_is_empty(client: UpstreamClient) -> None:
    async with raw_server(answering(b"HTTP/1.1 204 No Content\r\n\r\n")) as server:
        assert await fetched(client, server.url) == b""

    async with raw_server(answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")) as server:
        assert await fetched(client, server.url) == b""


async def test_chunks_are_there_as_they_arrive(client: UpstreamClient) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(CHUNKED, b"3\r\none\r\n")
        await peer.request()  # It is sent on another connection once the first part was read.

    async with raw_server(handler) as server, client.open(post(server.url)) as answer:
        assert await anext(answer.chunks()) == b"one"


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        ([CHUNKED, b"5\r\nhel"], b"hel"),
        ([CHUNKED, b"3\r\nhel\r\n"], b"hel"),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhel"], b"hel"),
        ([CHUNKED, b"zz\r\nhel\r\n"], b""),
        ([CHUNKED, b"-3\r\nhel\r\n"], b""),
    ],
    ids=["in a chunk", "between chunks", "before its length", "no size", "a negative size"],
)
async def test_a_body_that_is_cut_is_an_error(client: UpstreamClient, parts: list[bytes], body: bytes) -> None:
    received: list[bytes] = []
    async with raw_server(answering(*parts, then_close=True)) as server:
        with pytest.raises(UpstreamDown) as down:
            await read_into(received, client, server.url)

    assert b"".join(received) == body
    assert down.value.was_sent


async def test_the_request_is_what_was_given(client: UpstreamClient) -> None:
    async with raw_server(answering(HELLO)) as server:
        await fetched(client, f"{server.url}/v1/chat?beta=true", body=b'{"a":1}')

    head, _, body = server.peers[0].requests[0].partition(b"\r\n\r\n")
    line, *headers = head.split(b"\r\n")
    assert line == b"POST /v1/chat?beta=true HTTP/1.1"
    assert sorted(header.lower() for header in headers) == sorted(
        [b"host: " + server.url.removeprefix("http://").encode(), b"x-a: b", b"content-length: 7"]
    )
    assert body == b'{"a":1}'


async def test_a_status_and_headers_are_told(client: UpstreamClient) -> None:
    answer_ = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nx-two: 1\r\nX-Two: 2\r\ncontent-length: 2\r\n\r\n{}"
    async with raw_server(answering(answer_)) as server, client.open(post(server.url)) as answer:
        assert answer.status == 429
        assert (answer.header("retry-after"), answer.header("x-two"), answer.header("x-none")) == ("7", "1", None)
        assert await answer.whole() == b"{}"


async def test_redirects_are_not_followed_and_cookies_not_kept(client: UpstreamClient) -> None:
    moved = b"HTTP/1.1 307 Moved\r\nlocation: /elsewhere\r\nset-cookie: a=b\r\ncontent-length: 0\r\n\r\n"
    async with raw_server(answering(moved)) as server:
        for _ in range(2):
            async with client.open(post(server.url)) as answer:
                assert answer.status == 307
                await answer.whole()

    requests = server.peers[0].requests
    assert len(requests) == 2
    assert b"cookie" not in requests[1].lower()


async def test_a_whole_answer_has_a_bound(client: UpstreamClient) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        peer.writer.write(CHUNKED)
        while True:
            peer.writer.write(b"100000\r\n" + b"x" * 0x100000 + b"\r\n")
            await peer.writer.drain()

    async with raw_server(handler) as server, client.open(post(server.url)) as answer:
        with pytest.raises(UpstreamDown):
            await answer.whole()

    assert MOST_WHOLE == 64 * 1024 * 1024
