"""The endpoint: what Stripe signed is stored once and answered at once; everything else is refused and not written."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import stripe
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from billing.models import WebhookEvent
from billing.payments.event_handling import PATIENCE, handle_event, handle_what_is_left
from tests.billing.payments.shop import SECRET

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def webhook_secret(stripe_settings: Settings) -> None:
    """Every test here needs the secret."""


@pytest.fixture(autouse=True)
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    jobs: list[str] = []
    monkeypatch.setattr("portal.views.stripe_webhook.handle_webhook_event.delay", jobs.append)
    return jobs


def body_of(**changes: Any) -> str:
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "test_helpers.test_clock.ready",
        "api_version": "2026-10-28.endive",
        "created": 1_775_649_600,
        "livemode": False,
        "data": {"object": {"id": "clock_1", "object": "test_helpers.test_clock"}},
    }
    return json.dumps(event | changes)


def post(body: str, *, signed_at: datetime, secret: str = SECRET, signed_body: str | None = None) -> int:
    header = stripe.WebhookSignature.generate_signature_header(
        body if signed_body is None else signed_body, secret, int(signed_at.timestamp())
    )
    return post_raw(body, header)


def post_raw(body: str, header: str) -> int:
    answer = Client(enforce_csrf_checks=True).post(
        reverse("stripe_webhook"), body, content_type="application/json", headers={"Stripe-Signature": header}
    )
    return answer.status_code


def test_an_event_is_stored_and_enqueued_after_the_commit(
    now: datetime, enqueued: list[str], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert post(body_of(), signed_at=now) == 200
        assert enqueued == []

    assert enqueued == ["evt_1"]
    event = WebhookEvent.objects.get()
    assert (event.id, event.object_id, event.processed_at) == ("evt_1", "clock_1", None)


def test_the_same_event_again_is_answered_and_changes_nothing(
    now: datetime, enqueued: list[str], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert [post(body_of(), signed_at=now) for _ in range(3)] == [200, 200, 200]

    assert WebhookEvent.objects.count() == 1
    assert enqueued == ["evt_1"]


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24 * 365], ids=["too old", "ahead", "a year ahead"])
def test_a_signature_of_another_time_is_refused(now: datetime, minutes: int) -> None:
    assert post(body_of(), signed_at=now + timedelta(minutes=minutes)) == 400
    assert not WebhookEvent.objects.exists()


def test_another_secret_or_body_is_refused(now: datetime) -> None:
    assert post(body_of(), signed_at=now, secret="whsec_other") == 400
    assert post(body_of(), signed_at=now, signed_body=body_of(id="evt_2")) == 400
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize(
    "header", ["", "nonsense", "t=,v1=", "t=1775649600", "t=1775649600,v1=é", "v1=abc", "t=9e9,v1=a"]
)
def test_a_malformed_header_is_refused(header: str) -> None:
    assert post_raw(body_of(), header) == 400


@pytest.mark.parametrize("body", ["", "[]", "null", "{}", '{"id": "evt_1"}', "not json", body_of(data=None)])
def test_a_signed_body_that_is_no_event_is_refused(now: datetime, body: str) -> None:
    assert post(body, signed_at=now) == 400
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("changes", [{"id": "evt_" + "1" * 80}, {"type": "x" * 81}, {"api_version": "x" * 41}])
def test_what_is_too_long_is_refused(now: datetime, changes: dict[str, Any]) -> None:
    assert post(body_of(**changes), signed_at=now) == 400
    assert not WebhookEvent.objects.exists()


def test_a_nul_in_a_text_loses_no_event(now: datetime) -> None:
    described = {"object": {"id": "cus_1", "object": "customer", "description": "A\0B"}}

    assert post(body_of(data=described), signed_at=now) == 200
    assert WebhookEvent.objects.get().payload["data"]["object"]["description"] == "A\ufffdB"


def test_without_a_secret_nothing_is_believed(now: datetime, settings: Settings) -> None:
    settings.STRIPE_WEBHOOK_SECRET = ""

    assert post(body_of(), signed_at=now, secret="") == 400


def test_events_of_live_mode_are_answered_and_dropped(now: datetime) -> None:
    assert post(body_of(livemode=True), signed_at=now) == 200
    assert not WebhookEvent.objects.exists()


def test_only_posts_are_taken(client: Client) -> None:
    assert client.get(reverse("stripe_webhook")).status_code == 405


def test_the_event_is_safe_when_the_queue_is_away(
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def away(_event: str) -> None:
        raise ConnectionError

    monkeypatch.setattr("portal.views.stripe_webhook.handle_webhook_event.delay", away)
    with django_capture_on_commit_callbacks(execute=True):
        assert post(body_of(), signed_at=now) == 200

    assert handle_what_is_left(now=now) == 0
    assert handle_what_is_left(now=now + PATIENCE) == 1
    assert WebhookEvent.objects.get().processed_at


def test_types_that_nobody_knows_are_handled_by_doing_nothing(now: datetime) -> None:
    post(body_of(type="coffee.brewed"), signed_at=now)

    handle_event("evt_1", now=now)

    assert WebhookEvent.objects.get().processed_at == now


def test_an_event_that_was_handled_is_not_handled_again(now: datetime) -> None:
    post(body_of(), signed_at=now)

    handle_event("evt_1", now=now)
    handle_event("evt_1", now=now + timedelta(hours=1))

    event = WebhookEvent.objects.get()
    assert (event.attempts, event.processed_at) == (1, now)


def test_what_fails_is_kept_with_its_error_and_does_not_hold_up_the_others(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(body_of(type="invoice.paid"), signed_at=now)
    post(body_of(id="evt_2"), signed_at=now)

    def fail(*_args: object, **_kwargs: object) -> None:
        raise ValueError("No such thing")

    monkeypatch.setattr("billing.payments.event_handling.sync_invoice", fail)
    assert handle_what_is_left(now=now + PATIENCE) == 1

    failed = WebhookEvent.objects.get(pk="evt_1")
    assert (failed.processed_at, failed.attempts, failed.error) == (None, 1, "ValueError: No such thing")
    assert WebhookEvent.objects.get(pk="evt_2").processed_at


def test_objects_of_strangers_are_left_alone(now: datetime, provider: stripe.StripeClient) -> None:
    customer = provider.v1.customers.create({"name": "Somebody else's"})
    invoice = provider.v1.invoices.create({"customer": customer.id})
    post(body_of(type="invoice.created", data={"object": {"id": invoice.id}}), signed_at=now)
    post(body_of(id="evt_2", type="invoice.paid", data={"object": {"id": "in_gone"}}), signed_at=now)

    handle_event("evt_1", now=now)
    handle_event("evt_2", now=now)

    assert not WebhookEvent.objects.filter(processed_at=None).exists()
