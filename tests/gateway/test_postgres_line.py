"""The line to PostgreSQL against a real one: answers, refusals, long parameters, and ways to end."""

import asyncio
import json
from collections.abc import AsyncIterator

import psycopg
import pytest

from gateway.postgres_line import PostgresLine
from gateway.settings import Settings
from tests.gateway.serving import until

ECHO = "SELECT $1::jsonb || jsonb_build_object('of', pg_backend_pid()) WHERE $1::jsonb -> 'empty' IS NULL"
NAP = "SELECT pg_sleep($1::float)"


@pytest.fixture
async def line(gateway_settings: Settings) -> AsyncIterator[PostgresLine]:
    line = await PostgresLine.open(gateway_settings.database_url, ECHO, first="SET statement_timeout = '5s'")
    yield line
    await line.close()


async def said(line: PostgresLine, **fields: object) -> dict[str, object]:
    answer = await line.ask(json.dumps(fields).encode(), seconds=5)
    assert answer is not None
    heard: dict[str, object] = json.loads(answer)
    return heard


async def test_it_answers_one_after_the_other_on_one_connection(line: PostgresLine) -> None:
    first, second = await said(line, n=1, word="Käse"), await said(line, n=2)

    assert (first["n"], first["word"], second["n"]) == (1, "Käse", 2)
    assert first["of"] == second["of"]


async def test_no_row_is_none(line: PostgresLine) -> None:
    assert await line.ask(b'{"empty": true}', seconds=5) is None


async def test_a_parameter_larger_than_the_socket_takes_at_once(line: PostgresLine) -> None:
    long = "x" * 20_000_000

    heard = await said(line, long=long)

    assert heard["long"] == long


async def test_what_postgresql_refuses_leaves_the_line_usable(line: PostgresLine) -> None:
    with pytest.raises(psycopg.DataError):
        await line.ask(b"not json", seconds=5)

    assert (await said(line, n=3))["n"] == 3
    assert not line.is_lost


async def test_a_connection_that_ends_while_it_is_idle_is_noticed(
    line: PostgresLine, gateway_settings: Settings
) -> None:
    pid = (await said(line))["of"]

    with psycopg.connect(gateway_settings.database_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])

    await until(lambda: line.is_lost)
    with pytest.raises(psycopg.OperationalError):
        await line.ask(b"{}", seconds=5)


async def test_a_connection_that_ends_in_the_middle_of_an_answer(gateway_settings: Settings) -> None:
    line = await PostgresLine.open(gateway_settings.database_url, NAP, first="SELECT 1", application_name="napping")
    asking = asyncio.ensure_future(line.ask(b"30", seconds=20))

    def end_it() -> bool:
        with psycopg.connect(gateway_settings.database_url, autocommit=True) as other:
            found = other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'napping' AND state = 'active'"
            )
            return found.rowcount == 1

    await until(end_it)
    with pytest.raises(psycopg.OperationalError):
        await asking
    assert line.is_lost
    await line.close()


async def test_nobody_gets_the_answer_to_what_another_no_longer_waits_for(gateway_settings: Settings) -> None:
    line = await PostgresLine.open(gateway_settings.database_url, NAP, first="SELECT 1")

    with pytest.raises(TimeoutError):
        await line.ask(b"0.5", seconds=0.1)

    with pytest.raises(psycopg.OperationalError):
        await line.ask(b"0", seconds=5)
    await line.close()
