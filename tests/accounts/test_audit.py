from datetime import datetime

import pytest
from django.db import InternalError, transaction
from django.db.utils import IntegrityError

from accounts.audit import record
from accounts.models import AuditEntry, Organization, Project, User
from tests.actors import acting


@pytest.fixture
def entry(acme: Organization, project: Project, ada: User, now: datetime) -> AuditEntry:
    return record(acting(ada), "project.renamed", project, at=now, before="Default", at_price=now)


def test_an_entry_says_who_did_what_to_which_object_and_from_where(
    entry: AuditEntry, acme: Organization, project: Project, ada: User, now: datetime
) -> None:
    stored = AuditEntry.objects.get(pk=entry.pk)

    assert (stored.user, stored.actor, stored.ip_address) == (ada, "ada@acme.example", "203.0.113.7")
    assert (stored.action, stored.object_type, stored.object_id) == (
        "project.renamed",
        "accounts.project",
        str(project.pk),
    )
    assert (stored.organization, stored.object_name, stored.at) == (acme, "Default", now)
    assert stored.data == {"before": "Default", "at_price": "2026-04-08T12:00:00Z"}


def test_an_entry_about_an_organization_belongs_to_it(acme: Organization, ada: User, now: datetime) -> None:
    assert record(acting(ada), "organization.renamed", acme, at=now).organization == acme


def test_the_database_refuses_to_change_an_entry(entry: AuditEntry) -> None:
    with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(actor="somebody else")


def test_the_database_refuses_to_delete_an_entry(entry: AuditEntry) -> None:
    with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).delete()
