"""PostgreSQL and Redis from wheels: they start, keep what they are told, survive a kill, and end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis as redis_client

from config.embedded.postgres import Postgres
from config.embedded.redis_server import RedisServer, free_port
from config.embedded.server import ServerDidNotStart, running


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Answer a folder that PostgreSQL's account cannot reach by ordinary means when the tests run as root."""
    tmp_path.chmod(0o700)
    yield tmp_path
    assert processes_in(tmp_path) == []


def processes_in(folder: Path) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if str(folder) in line]


def write_row(server: Postgres) -> None:
    with psycopg.connect(server.url_of("postgres")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")


def read_row(server: Postgres) -> object:
    with psycopg.connect(server.url_of("postgres")) as connection:
        return connection.execute("SELECT answer FROM kept").fetchone()


def test_postgres_keeps_its_rows_over_a_restart(folder: Path) -> None:
    server = Postgres(folder / "data")
    with running(server, log=folder / "log"):
        write_row(server)

    with running(server, log=folder / "log"):
        assert read_row(server) == (42,)


def test_postgres_starts_over_what_a_kill_left_behind(folder: Path) -> None:
    server = Postgres(folder / "data")
    with running(server, log=folder / "log") as process:
        write_row(server)
        process.kill()
        process.wait()
    # The number of a living process that is not PostgreSQL's, as after a reboot.
    file = server.folder / "postmaster.pid"
    file.write_text("\n".join([str(os.getpid()), *file.read_text().splitlines()[1:]]))

    with running(server, log=folder / "log"):
        assert read_row(server) == (42,)


def test_the_database_is_created_once(folder: Path) -> None:
    server = Postgres(folder / "data", database="Tolls", durable=False)

    with running(server, log=folder / "log"):
        server.create_database()
        server.create_database()

        with psycopg.connect(server.url) as connection:
            assert connection.info.dbname == "Tolls"


def test_postgres_works_in_a_folder_too_long_for_a_socket(folder: Path) -> None:
    server = Postgres(folder / ("long" * 25) / "data", durable=False)

    with running(server, log=folder / "log"):
        assert server.is_ready()
        assert server.socket_folder.stat().st_mode & 0o077 == 0

    server.socket_folder.rmdir()


def test_redis_keeps_its_queue_over_a_restart(folder: Path) -> None:
    server = RedisServer(folder / "data", free_port())
    with running(server, log=folder / "log"), redis_client.Redis.from_url(server.url) as client:
        client.lpush("celery", "job")

    with running(server, log=folder / "log"), redis_client.Redis.from_url(server.url) as client:
        assert client.llen("celery") == 1


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    port = free_port()
    with running(RedisServer(folder / "first", port), log=folder / "log"):
        second = RedisServer(folder / "second", port)

        with pytest.raises(ServerDidNotStart, match="Address already in use"), running(second, log=folder / "log2"):
            pass


def test_a_server_dies_with_its_parent_even_of_sigkill(folder: Path) -> None:
    words = [sys.executable, "-m", "tests.config.redis_for_a_minute", str(folder)]
    parent = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout as output:
        server = psutil.Process(int(output.readline()))

    parent.send_signal(signal.SIGKILL)
    parent.wait()

    psutil.wait_procs([server], timeout=5)
    assert not server.is_running()
