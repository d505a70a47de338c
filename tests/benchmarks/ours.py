"""The gateway as it runs in production: every limit set, holds, and usage committed before the last byte."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import redis

from config.embedded.postgres import Postgres
from config.embedded.redis_server import RedisServer, free_port
from config.embedded.server import running
from core.wire import RateLimits
from tests.benchmarks.folder import BENCH, CHECKOUT, log_of
from tests.benchmarks.processes import Running, program, python
from tests.benchmarks.target import Target
from tests.gateway.books import Books
from tests.gateway.published import PEPPER, PEPPER_ID, SPARK, Account, Publisher, new_account

MUCH = 2_000_000_000
MICROS = 4_000_000_000_000
# Limits that never refuse, so that all of them are checked and moved.
LIMITS = RateLimits(
    requests_per_minute=MUCH,
    input_tokens_per_minute=MUCH,
    output_tokens_per_minute=MUCH,
    concurrent_requests=100_000,
)


@dataclass(frozen=True)
class Stores:
    """A durable PostgreSQL with the product's tables, a Redis with published facts, and one funded account."""

    database_url: str
    redis_url: str
    account: Account
    postgres: Running
    redis: Running


@contextmanager
def stores() -> Iterator[Stores]:
    folder = _folder()
    try:
        with ExitStack() as servers:
            postgres = Postgres(folder / "postgres")
            store = RedisServer(folder / "redis", free_port(), durable=False)
            postgres_process = servers.enter_context(running(postgres, log=log_of("postgres")))
            redis_process = servers.enter_context(running(store, log=log_of("redis")))
            postgres.create_database()
            _migrate(postgres.url, store.url)
            account = _publish(store.url, postgres.url)
            yield Stores(postgres.url, store.url, account, Running(postgres_process), Running(redis_process))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def gateway(stores: Stores, model_port: int, *, name: str = "tollway") -> Iterator[Target]:
    port = free_port()
    environment = _environment(stores.database_url, stores.redis_url) | {
        "GATEWAY_PORT": str(port),
        "GATEWAY_JOURNAL": str(BENCH / f"journal-{port}"),
        "MODEL_SERVER_URL": f"http://127.0.0.1:{model_port}/v1",
        "PORTAL_URL": "http://127.0.0.1:8000",
    }
    headers = {"authorization": f"Bearer {stores.account.token.text}"}
    with program(python("-m", "gateway"), port=port, log=log_of(name), environment=environment) as process:
        helpers = {"PostgreSQL": stores.postgres, "Redis": stores.redis}
        yield Target(name, port, headers, process, helpers)


def _folder() -> Path:
    """PostgreSQL's account must be able to pass, which a `mktemp -d` doesn't let it."""
    BENCH.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="stores-", dir=BENCH))
    folder.chmod(0o711)
    return folder


def _environment(database_url: str, redis_url: str) -> dict[str, str]:
    return {
        "SECRET_KEY": "only-for-benchmarks-" + "0" * 50,
        "KEY_PEPPERS": f"{PEPPER_ID}:{PEPPER.hex()}",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
    }


def _migrate(database_url: str, redis_url: str) -> None:
    subprocess.run(
        python("manage.py", "migrate", "--skip-checks", "-v0"),
        env=os.environ | _environment(database_url, redis_url),
        cwd=CHECKOUT,
        check=True,
    )


def _publish(redis_url: str, database_url: str) -> Account:
    with redis.Redis.from_url(redis_url) as connection:
        publisher = Publisher(connection)
        publisher.everything(*(replace(SPARK, slug=name, upstreams=()) for name in ("bench", "bench-slow")))
        account = publisher.account(new_account(limits=LIMITS), micros=MICROS)
    Books(database_url).fund(account.id, micros=MICROS)
    return account
