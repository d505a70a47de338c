"""The gateway that generates is killed: another carries on under the same id, so that one charge is the most."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis as redis_client

from gateway.retries.borrowing import PULSE_SECONDS
from gateway.retries.retries import EVERY
from tests.gateway.books import Books
from tests.gateway.retries.conftest import BODIES, Caller
from tests.gateway.serving import GatewayProcess, wait_until


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("key", [None, "order-1"])
def test_a_retry_elsewhere_carries_on_under_the_same_id(
    mortal: GatewayProcess,
    pair: tuple[str, str],
    caller: Caller,
    books: Books,
    generated: list[str],
    redis: redis_client.Redis,
    path: str,
    key: str | None,
) -> None:
    """Once the dead gateway's pulse has stopped: five seconds at most."""
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(caller.is_cut_off, mortal.url, path, key=key)
        wait_until(lambda: generated == ["slow"])
        mortal.kill()
        first.result()

    answer = caller.post(pair[1], path, attempt=1, key=key)

    (event,) = books.events(caller.account.id)
    assert (answer.status_code, generated) == (200, ["slow", "slow"])
    assert answer.headers["x-request-id"] == f"req_{event['id'].hex}"
    organization = f"{{{caller.account.id}}}"
    wait_until(lambda: redis.zcard(f"{organization}:holds") == 0)
    (name,) = [*redis.keys(f"{organization}:asked:*"), *redis.keys(f"{organization}:claim:*")]
    (begun,) = [field for field in redis.hkeys(name) if field != "body"]
    assert begun == event["id"].hex, "the dead gateway's id, which PostgreSQL takes once"


def test_what_was_charged_before_the_end_isnt_charged_again(
    mortal: GatewayProcess, pair: tuple[str, str], caller: Caller, books: Books, generated: list[str]
) -> None:
    """The answer was given and settled; its gateway, which alone had it, is no more."""
    answer = caller.post(mortal.url, model="quick", key="order-2")
    spent = books.spent(caller.account.id)
    mortal.kill()

    again = caller.post(pair[0], model="quick", key="order-2")

    assert (again.status_code, len(generated)) == (200, 2)
    assert again.headers["x-request-id"] == answer.headers["x-request-id"]
    assert len(books.events(caller.account.id)) == 1
    assert books.spent(caller.account.id) == spent


@pytest.mark.parametrize("fields", [{}, {"stream": True}], ids=["whole", "stream"])
def test_who_waits_for_a_gateway_that_dies_is_served_all_the_same(
    mortal: GatewayProcess, pair: tuple[str, str], caller: Caller, books: Books, generated: list[str], fields: Any
) -> None:
    """Both retries join; one of them carries on, the other joins that."""
    caller.gives_up(mortal.url, key="order-3", **fields)
    with ThreadPoolExecutor(2) as pool:
        retries = [pool.submit(caller.post, url, attempt=1, key="order-3", **fields) for url in pair]
        wait_until(lambda: generated == ["slow"])
        mortal.kill()
        answers = [retry.result() for retry in retries]

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.headers["x-request-id"] for answer in answers}) == 1
    assert generated == ["slow", "slow"]
    assert len(books.events(caller.account.id)) == 1


def test_a_gateway_that_stops_in_order_keeps_nobody_waiting(
    mortal: GatewayProcess, pair: tuple[str, str], caller: Caller, generated: list[str], redis: redis_client.Redis
) -> None:
    time.sleep(2 * EVERY)  # Each living gateway has said so by then, those of other tests too.
    before = beating(redis)

    mortal.stop()

    assert len(before - set(redis.keys("pulse:*"))) == 1


def beating(redis: "redis_client.Redis") -> set[str]:
    """Pulses that were renewed within the last second and a half; what earlier tests' gateways left ends by itself."""
    return {str(name) for name in redis.keys("pulse:*") if redis.pttl(name) > (PULSE_SECONDS - 1.5) * 1000}
