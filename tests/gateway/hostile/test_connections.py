"""Idle connections, too many of them, clients that never read, and a process that has no descriptors left."""

import resource
import socket
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import httpx2

from tests.gateway.books import Books
from tests.gateway.hostile.conftest import FILES, Raw, Served, head
from tests.gateway.hostile.test_heads_and_bodies import told
from tests.gateway.published import Account
from tests.gateway.serving import GatewayProcess, wait_until

Watch = Callable[[], AbstractContextManager[Served]]
Connect = Callable[[], Raw]
LONG = (
    b'{"model":"muse-spark","stream":true,"max_tokens":8000,'
    b'"messages":[{"role":"user","content":"Roads in 6000 words"}]}'
)


def long_stream(account: Account) -> bytes:
    return head(account, f"content-length: {len(LONG)}") + LONG


def in_flight(gateway: GatewayProcess) -> int:
    return int(httpx2.get(f"{gateway.url}/healthz", timeout=5).json()["in_flight"])


def test_idle_connections_are_closed(raw: Connect, others_are_served: Watch) -> None:
    clients = [raw() for _ in range(40)]
    used = raw()
    used.send(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")

    with others_are_served():
        assert [client.everything() for client in clients] == [b""] * 40
        assert used.everything().startswith(b"HTTP/1.1 200 OK")


def test_more_connections_than_the_gateway_can_serve(
    bounded: GatewayProcess, raw: Connect, others_are_served: Watch
) -> None:
    """The process may have 300 descriptors: half of them are for clients, who get JSON beyond that."""
    with others_are_served():
        clients = [raw() for _ in range(FILES)]
        answers = [client.everything() for client in clients]

    refused = [told(answer) for answer in answers if answer]
    assert len(refused) > FILES // 3
    assert {status for status, _ in refused} == {503}
    assert all(b"retry-after: 1\r\n" in answer for answer in answers if answer)


def test_descriptors_that_run_out_stop_nothing(bounded: GatewayProcess, raw: Connect, customer: Account) -> None:
    """Whoever lowers the limit below what is open: nothing can be accepted, and all goes on afterwards."""
    before = resource.prlimit(bounded.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(bounded.pid, resource.RLIMIT_NOFILE, (1, before[1]))
    try:
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", bounded.port), timeout=5) as connection:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        time.sleep(0.3)
    finally:
        resource.prlimit(bounded.pid, resource.RLIMIT_NOFILE, before)

    wait_until(bounded.is_healthy)
    body = {"model": "muse-embed", "input": "x"}
    answer = httpx2.post(f"{bounded.url}/v1/embeddings", json=body, headers={"x-api-key": customer.token.text})
    assert answer.status_code == 200


def test_who_never_reads_is_cut_and_charged(
    bounded: GatewayProcess, others_are_served: Watch, customer: Account, books: Books
) -> None:
    """The sockets' buffers fill, the model server is told to stop, and what was generated is charged."""
    with others_are_served(), socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
        connection.connect(("127.0.0.1", bounded.port))
        connection.sendall(long_stream(customer))
        wait_until(lambda: in_flight(bounded) == 1)
        wait_until(lambda: any(each["outcome"] == "aborted" for each in books.events(customer.id)), seconds=60)

    aborted = [event for event in books.events(customer.id) if event["outcome"] == "aborted"]
    assert len(aborted) == 1
    assert 0 < aborted[0]["output"] < 8_000


def test_who_ends_its_side_hangs_up(bounded: GatewayProcess, raw: Connect, customer: Account, books: Books) -> None:
    """A client that half-closes is taken for gone, as proxies take it: its stream ends and is charged."""
    client = raw()
    client.send(long_stream(customer))
    received = b""
    while received.count(b'"content"') < 5:
        received += client.connection.recv(65_536)
    client.connection.shutdown(socket.SHUT_WR)

    wait_until(lambda: len(books.events(customer.id)) == 1)
    (event,) = books.events(customer.id)
    assert event["outcome"] == "aborted"
    assert 0 < event["output"] < 8_000
    wait_until(lambda: in_flight(bounded) == 0)


def test_who_hangs_up_in_silence_is_noticed(
    bounded: GatewayProcess, raw: Connect, customer: Account, books: Books
) -> None:
    """The model has not said anything yet."""
    client = raw()
    client.send(long_stream(customer).replace(b'"muse-spark"', b'"demo-slow" '))
    wait_until(lambda: in_flight(bounded) == 1)
    client.connection.close()

    wait_until(lambda: in_flight(bounded) == 0, seconds=2)
    (event,) = books.events(customer.id)
    assert (event["outcome"], event["output"]) == ("aborted", 0)
