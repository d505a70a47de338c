"""What the tests themselves stand on."""

import socket

import pytest
from django.conf import settings
from django.db import connection
from redis import Redis

from tests.ci.__main__ import total_line
from tests.ci.step import Step, module
from tests.network import OutsideNetwork


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.com", 443)])
def test_no_test_reaches_another_machine(address: tuple[str, int]) -> None:
    with socket.socket() as client, pytest.raises(OutsideNetwork, match=address[0]):
        client.connect(address)


@pytest.mark.parametrize("value", ["one test", "another test"])
def test_redis_is_empty_when_a_test_begins(redis: Redis, value: str) -> None:
    assert redis.keys() == []
    redis.set("left", value)


def test_redis_is_the_one_of_the_settings(redis: Redis) -> None:
    redis.set("toll", "1")

    assert Redis.from_url(settings.REDIS_URL).get("toll") == b"1"


@pytest.mark.django_db
def test_the_database_is_the_embedded_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_setting('server_version_num')::int / 10000")
        name, version = cursor.fetchone()

    assert name.startswith("test_tollway")
    assert version == 18


def test_a_step_tells_how_it_went() -> None:
    outcome = Step("no such module", module("nothing_of_this_name")).run()

    assert not outcome.passed
    assert "No module named nothing_of_this_name" in outcome.output
    assert str(outcome).startswith("FAIL  no such module")


def test_the_sum_of_the_coverage_is_its_last_row() -> None:
    assert total_line("Name  Stmts\ncore/money.py  9\nTOTAL   10    1    90%\n") == "TOTAL 10 1 90%"
