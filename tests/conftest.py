"""What every test gets: a quick password hasher, a clean Redis, no way out of this machine, and clocks on request."""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import redis as redis_client
import time_machine
from django.conf import settings
from django.test import override_settings

from tests.actors import acme, ada, ben, elsewhere, eve, project, redis_is_away, sam
from tests.chromium import HOW_TO_INSTALL, find_chromium
from tests.network import only_this_machine

__all__ = ["acme", "ada", "ben", "elsewhere", "eve", "project", "redis_is_away", "sam"]  # fixtures of tests/actors.py

LONGEST_SECONDS = 180
FROZEN_AT = datetime(2026, 4, 8, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session", autouse=True)
def quick_settings() -> Iterator[None]:
    """Hash passwords quickly, and serve static files without having collected them."""
    storages = settings.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=hashers, STORAGES=storages):
        yield


@pytest.fixture(scope="session", autouse=True)
def no_outside_network() -> Iterator[None]:
    with only_this_machine():
        yield


@pytest.fixture(autouse=True)
def not_for_ever() -> Iterator[None]:
    """Fail a test that hangs, with the line where it does, instead of holding up everything."""

    def give_up(*_: object) -> None:
        raise TimeoutError(f"The test took longer than {LONGEST_SECONDS} s.")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LONGEST_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def redis_connection() -> Iterator[redis_client.Redis]:
    with redis_client.Redis.from_url(settings.REDIS_URL, decode_responses=True) as connection:
        yield connection


@pytest.fixture(autouse=True)
def redis(redis_connection: redis_client.Redis) -> redis_client.Redis:
    """Answer a client of this process's own Redis, which is empty when the test begins."""
    redis_connection.flushall()
    return redis_connection


@pytest.fixture
def now() -> Iterator[datetime]:
    """Stop the clock at `FROZEN_AT`, a Wednesday noon in UTC, and answer that instant."""
    with time_machine.travel(FROZEN_AT, tick=False):
        yield FROZEN_AT


@pytest.fixture(scope="session")
def chromium() -> str:
    """Answer the path of an installed Chromium; without one, skip the test and say how to get one."""
    path = find_chromium()
    if path is None:
        pytest.skip(HOW_TO_INSTALL)
    return path
