"""The environment of the tests, complete before Django reads its settings.

pytest loads this plugin (`-p tests.environment`) ahead of pytest-django. The first process starts a throwaway
PostgreSQL, which the parallel workers share, each with its own database; every process starts a Redis of its own,
because channels are not kept apart by database number. Whatever the caller's environment says, no test reaches
the caller's own databases or Stripe account.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from config.embedded.postgres import Postgres
from config.embedded.redis_server import RedisServer, free_port
from config.embedded.server import running

IN_WORKER = "PYTEST_XDIST_WORKER" in os.environ
UNSET = ("STRIPE_SECRET_KEY", "STRIPE_SANDBOX_URL", "STRIPE_WEBHOOK_SECRET", "STRIPE_ALLOW_LIVE", "MODEL_SERVER_URL")
UNSET_TOO = ("DEBUG", "TOLLWAY_DEMO", "PORTAL_URL", "GATEWAY_URL", "KEY_BRAND", "BRAND_NAME", "EMAIL_HOST")
SERVERS = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    # Also where pytest does not get as far as to unconfigure itself.
    atexit.register(SERVERS.close)
    folder = Path(tempfile.mkdtemp(prefix="tollway-test-")).resolve()
    SERVERS.callback(shutil.rmtree, folder, ignore_errors=True)
    # PostgreSQL's account must be able to pass.
    folder.chmod(0o711)
    set_environment(folder)
    return (yield)


def pytest_unconfigure() -> None:
    SERVERS.close()


def set_environment(folder: Path) -> None:
    for name in (*UNSET, *UNSET_TOO):
        os.environ.pop(name, None)
    os.environ["SECRET_KEY"] = "only-for-tests-" + "0" * 50
    os.environ["KEY_PEPPERS"] = "p1:" + "5a" * 32
    os.environ["TOLLWAY_VAR"] = str(folder)
    os.environ["REDIS_URL"] = start_redis(folder)
    if not IN_WORKER:
        os.environ["DATABASE_URL"] = start_postgres(folder)
    (folder / "static").mkdir()


def start_redis(folder: Path) -> str:
    server = RedisServer(folder / "redis", free_port(), durable=False)
    SERVERS.enter_context(running(server, log=folder / "redis.log"))
    return server.url


def start_postgres(folder: Path) -> str:
    server = Postgres(folder / "postgres", durable=False)
    SERVERS.enter_context(running(server, log=folder / "postgres.log"))
    return server.url
