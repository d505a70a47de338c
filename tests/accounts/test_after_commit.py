from functools import partial

import pytest
from django.db import transaction

from accounts.after_commit import after_commit


def break_down(what: str) -> None:
    raise ConnectionError(what)


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_the_commit() -> None:
    calls: list[int] = []

    with transaction.atomic():
        after_commit(calls.append, 1)
        assert calls == []

    assert calls == [1]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_followed_by_anything() -> None:
    calls: list[int] = []

    with transaction.atomic():
        after_commit(calls.append, 1)
        transaction.set_rollback(True)

    assert calls == []


@pytest.mark.django_db(transaction=True)
def test_an_error_is_logged_and_neither_raised_nor_in_the_way_of_others(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []

    with transaction.atomic():
        after_commit(break_down, "Redis is away")
        after_commit(partial(break_down, "the queue is away"))
        after_commit(calls.append, 1)

    assert calls == [1]
    assert "break_down('Redis is away',) failed after the commit" in caplog.text
    assert "the queue is away" in caplog.text
