"""One job at a time per organization, and none that waits for ever."""

from contextlib import closing
from uuid import uuid4

import pytest
from django.db import connection

from billing.payments.locks import Busy, one_at_a_time, unless_taken

pytestmark = pytest.mark.django_db(transaction=True)


def test_another_session_waits_and_gives_up() -> None:
    organization = uuid4()
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"payments:{organization}"])

        with pytest.raises(Busy), one_at_a_time(organization, wait_seconds=1):
            pass
        with one_at_a_time(uuid4(), wait_seconds=1):
            """Another organization is not kept waiting."""

    with one_at_a_time(organization, wait_seconds=1):
        """The session has ended, and its lock with it."""


def test_the_same_session_may_take_it_again_and_gives_it_back() -> None:
    organization = uuid4()
    with one_at_a_time(organization), one_at_a_time(organization, wait_seconds=1):
        pass

    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"payments:{organization}"])
        assert cursor.fetchone() == (True,)


def test_a_failure_inside_gives_it_back() -> None:
    with pytest.raises(ValueError, match="x"), unless_taken("a name"):
        raise ValueError("x")

    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", ["a name"])
        assert cursor.fetchone() == (True,)


def test_the_wait_is_the_lock_s_alone() -> None:
    with one_at_a_time(uuid4(), wait_seconds=1), connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
