from collections.abc import Iterator
from datetime import datetime
from unittest import mock

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from accounts.models import AuditEntry, User
from billing.models import Plan, PlanVersion

ADD = "admin:billing_planversion_add"
TERMS = {
    "monthly_fee": "29.99",
    "included_credit": "30",
    "overage_limit": "0",
    "requests_per_minute": "600",
    "input_tokens_per_minute": "",
    "output_tokens_per_minute": "",
    "concurrent_requests": "",
    "features": "Priority support\n\nAll models",
}


@pytest.fixture
def draft(staff: Client, plan: PlanVersion) -> PlanVersion:
    staff.post(reverse(ADD), TERMS | {"plan": str(plan.plan_id)})
    return PlanVersion.objects.get(status="draft")


@pytest.fixture
def sent() -> Iterator[mock.Mock]:
    """What would be queued for the worker: the provider is another test's business."""
    with (
        mock.patch("celery.app.task.Task.apply_async") as apply_async,
        mock.patch("celery.canvas.Signature.delay") as delay,
    ):
        delay.apply_async = apply_async
        yield delay


def test_a_plan_is_made(staff: Client, sam: User, now: datetime) -> None:
    form = {"name": "Team", "slug": "team", "summary": "", "position": "40", "is_public": "on"}

    answer = staff.post(reverse("admin:billing_plan_add"), form)

    assert answer.status_code == 302
    assert Plan.objects.get(slug="team").created_at == now
    assert AuditEntry.objects.get(action="plan.created").user == sam


def test_a_version_is_drafted_in_dollars(draft: PlanVersion, plan: PlanVersion, sam: User) -> None:
    assert (draft.plan, draft.monthly_fee, draft.included_credit, draft.overage_limit) == (plan.plan, 2_999, 3_000, 0)
    assert (draft.requests_per_minute, draft.input_tokens_per_minute) == (600, None)
    assert draft.features == ["Priority support", "All models"]
    assert AuditEntry.objects.get(action="plan.drafted").user == sam


def test_a_draft_begins_with_the_terms_on_offer(staff: Client, plan: PlanVersion) -> None:
    shown = staff.get(reverse(ADD), {"plan": str(plan.plan_id)}).content.decode()

    assert 'value="20.00"' in shown
    assert 'value="25.00"' in shown


def test_a_draft_is_edited(staff: Client, draft: PlanVersion) -> None:
    staff.post(reverse("admin:billing_planversion_change", args=[draft.pk]), TERMS | {"monthly_fee": "35"})

    assert PlanVersion.objects.get(pk=draft.pk).monthly_fee == 3_500
    assert AuditEntry.objects.filter(action="plan.draft_changed").exists()


def test_a_draft_is_discarded(staff: Client, draft: PlanVersion) -> None:
    staff.post(reverse("admin:billing_planversion_delete", args=[draft.pk]), {"post": "yes"})

    assert not PlanVersion.objects.filter(pk=draft.pk).exists()
    assert AuditEntry.objects.filter(action="plan.draft_discarded").exists()


def test_publishing_asks_first(staff: Client, draft: PlanVersion) -> None:
    answer = staff.get(reverse("admin:billing_planversion_publish", args=[draft.pk]))

    assert "never changes again" in answer.content.decode()
    assert PlanVersion.objects.get(pk=draft.pk).status == "draft"


def test_a_published_version_goes_to_the_provider_and_stays(
    staff: Client,
    draft: PlanVersion,
    sam: User,
    sent: mock.Mock,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = staff.post(reverse("admin:billing_planversion_publish", args=[draft.pk]), {"_form_submitted": "on"})

    version = PlanVersion.objects.get(pk=draft.pk)
    assert answer.status_code == 302
    assert (version.status, version.number) == ("published", 2)
    assert sent.call_count + sent.apply_async.call_count == 1
    entry = AuditEntry.objects.get(action="plan.published", user=sam)
    assert (entry.ip_address, entry.data["terms"]["monthly_fee"]) == ("127.0.0.1", 2_999)
    change = reverse("admin:billing_planversion_change", args=[version.pk])
    assert staff.post(change, TERMS | {"monthly_fee": "1"}).status_code == 403
    shown = staff.get(change).content.decode()
    assert "$29.99" in shown
    assert reverse("admin:billing_planversion_publish", args=[version.pk]) not in shown


def test_a_refusal_of_the_action_is_a_message(
    staff: Client, draft: PlanVersion, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    publish = reverse("admin:billing_planversion_publish", args=[draft.pk])
    staff.post(publish, {"_form_submitted": "on"})

    answer = staff.post(publish, {"_form_submitted": "on"}, follow=True)

    assert "is published already" in answer.content.decode()


def test_a_second_draft_is_refused_with_its_reason(staff: Client, draft: PlanVersion) -> None:
    answer = staff.post(reverse(ADD), TERMS | {"plan": str(draft.plan_id)})

    assert "draft" in answer.content.decode()
    assert PlanVersion.objects.filter(status="draft").count() == 1


def test_more_decimals_than_cents_are_refused(staff: Client, plan: PlanVersion) -> None:
    answer = staff.post(reverse(ADD), TERMS | {"plan": str(plan.plan_id), "monthly_fee": "29.999"})

    assert "finer than a cent" in answer.content.decode()
    assert not PlanVersion.objects.filter(status="draft").exists()


def test_a_second_default_plan_is_refused_in_words(staff: Client, plan: PlanVersion) -> None:
    form = {"name": "Team", "slug": "team", "summary": "", "position": "40", "is_default": "on"}

    answer = staff.post(reverse("admin:billing_plan_add"), form)

    assert answer.status_code == 200
    assert "Another plan is the default already" in answer.content.decode()
    assert not Plan.objects.filter(slug="team").exists()
