from datetime import datetime
from uuid import UUID

import pytest
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from accounts.models import AuditEntry, Organization, User
from accounts.suspend import restore_organization, suspend_organization
from core.errors import Invalid, NotAllowed
from tests.actors import acting, acting_as_staff


def test_suspending_is_published_after_the_commit_and_can_be_undone(
    acme: Organization, sam: User, now: datetime, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    published: list[tuple[UUID, str]] = []

    def publish(pk: UUID) -> None:
        published.append((pk, Organization.objects.get(pk=pk).status))

    with django_capture_on_commit_callbacks(execute=True):
        suspend_organization(acme, reason="Fraud", publish=publish, actor=acting_as_staff(sam), now=now)
    with django_capture_on_commit_callbacks(execute=True):
        restore_organization(acme, reason="A mistake", publish=publish, actor=acting_as_staff(sam), now=now)

    assert published == [(acme.pk, "suspended"), (acme.pk, "active")]
    entries = AuditEntry.objects.filter(organization=acme, user=sam).order_by("id")
    assert {(entry.action, entry.data["reason"]) for entry in entries} == {
        ("organization.suspended", "Fraud"),
        ("organization.restored", "A mistake"),
    }


def test_suspending_again_changes_nothing(acme: Organization, sam: User, now: datetime) -> None:
    for _ in range(2):
        suspend_organization(acme, reason="Fraud", publish=print, actor=acting_as_staff(sam), now=now)

    assert AuditEntry.objects.filter(action="organization.suspended").count() == 1


def test_a_suspension_needs_a_reason(acme: Organization, sam: User, now: datetime) -> None:
    with pytest.raises(Invalid):
        suspend_organization(acme, reason=" ", publish=print, actor=acting_as_staff(sam), now=now)


def test_an_owner_cannot_restore_a_suspended_organization(acme: Organization, ada: User, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        restore_organization(acme, reason="Please", publish=print, actor=acting(ada), now=now)
