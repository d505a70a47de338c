"""The pages of batches."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership, Organization, Role, User
from batches.content import write_file
from batches.models import Batch, BatchLine, File
from core.ids import uuid7
from keys.models import ApiKey
from tests.actors import browser_of
from tests.factories import default_project, make_key, make_user

DAY = timedelta(days=1)
ERRORS = [{"code": "invalid_url", "line": 2, "message": "The url is another than the batch’s.", "param": "url"}]


def make_file(organization: Organization, name: str, *, now: datetime) -> File:
    project = default_project(organization)
    file = File(organization=organization, project=project, purpose="batch", filename=name, created_at=now)
    return write_file(file, [b'{"custom_id": "a"}\n'])


def make_batch(organization: Organization, *, now: datetime, **fields: Any) -> Batch:
    project = default_project(organization)
    key = ApiKey.objects.filter(project=project).first() or make_key(organization, now=now).key
    return Batch.objects.create(
        organization=organization,
        project=project,
        api_key_id=key.pk,
        public_key_id=key.key_id,
        dialect="openai",
        endpoint="/v1/chat/completions",
        created_at=now,
        expires_at=now + DAY,
        **fields,
    )


@pytest.fixture
def batch(acme: Organization, now: datetime) -> Batch:
    batch = make_batch(
        acme, now=now, status="completed", completed_at=now, input_file=make_file(acme, "requests.jsonl", now=now)
    )
    done = {"batch": batch, "body": "{}", "state": "succeeded", "status_code": 200, "amount": 2_500_000_000}
    BatchLine.objects.create(number=1, custom_id="a", output_tokens=1_200, **done)
    BatchLine.objects.create(batch=batch, number=2, custom_id="broken-one", body="{}", state="errored", status_code=429)
    return batch


def test_members_see_them_and_outsiders_do_not(
    batch: Batch, ada: User, ben: User, eve: User, elsewhere: Organization
) -> None:
    for person in (ada, ben):
        assert batch.public_id in browser_of(person).get("/batches/").content.decode()
        assert browser_of(person).get(f"/batches/{batch.pk}/").status_code == 200
    assert "No batches yet" in browser_of(eve).get("/batches/").content.decode()
    assert browser_of(eve).get(f"/batches/{batch.pk}/").status_code == 404
    assert Client().get("/batches/").status_code == 302


def test_one_says_what_it_did_and_cost_and_what_failed(batch: Batch, ada: User) -> None:
    page = browser_of(ada).get(f"/batches/{batch.pk}/").content.decode()

    for words in ("Completed", "1,200", "$0.0025", "broken-one", "429", "requests.jsonl"):
        assert words in page


def test_a_batch_that_failed_says_why(acme: Organization, ada: User, now: datetime) -> None:
    failed = make_batch(acme, now=now, status="failed", failed_at=now, errors=ERRORS)

    page = browser_of(ada).get(f"/batches/{failed.pk}/").content.decode()

    assert "invalid_url" in page
    assert "another than the batch’s" in page


class TestFiles:
    def test_who_may_make_keys_reads_them(self, batch: Batch, ben: User) -> None:
        response = browser_of(ben).get(f"/batches/{batch.pk}/files/{batch.input_file_id}/")

        assert b"".join(response) == b'{"custom_id": "a"}\n'
        assert response.headers["Content-Disposition"].startswith("attachment")

    def test_others_do_not(
        self, batch: Batch, acme: Organization, eve: User, elsewhere: Organization, now: datetime
    ) -> None:
        vera = make_user("vera@acme.example")
        Membership.objects.create(organization=acme, user=vera, role=Role.VIEWER, created_at=now)
        address = f"/batches/{batch.pk}/files/{batch.input_file_id}/"

        assert "/files/" not in browser_of(vera).get(f"/batches/{batch.pk}/").content.decode()
        assert browser_of(vera).get(address).status_code == 403
        assert browser_of(eve).get(address).status_code == 404

    def test_only_this_batchs_and_only_while_they_are_kept(
        self, batch: Batch, acme: Organization, ada: User, now: datetime
    ) -> None:
        other = make_file(acme, "other.jsonl", now=now)
        assert browser_of(ada).get(f"/batches/{batch.pk}/files/{other.pk}/").status_code == 404
        assert browser_of(ada).get(f"/batches/{batch.pk}/files/{uuid7()}/").status_code == 404

        File.objects.filter(filename="requests.jsonl").update(expires_at=now)
        assert browser_of(ada).get(f"/batches/{batch.pk}/files/{batch.input_file_id}/").status_code == 404


def test_a_long_list_asks_no_more_queries(
    batch: Batch, acme: Organization, ada: User, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(60):
        make_batch(acme, now=now)
    browser = browser_of(ada)

    with django_assert_max_num_queries(8):
        assert browser.get("/batches/").content.decode().count('data-label="Status"') == 50
    assert browser.get("/batches/?page=2").content.decode().count('data-label="Status"') == 11
