"""Archiving a project: its keys are refused until it is restored. Nothing is deleted; its usage stays and is billed."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.actor import Actor
from accounts.after_commit import after_commit
from accounts.audit import record
from accounts.models import Organization, Project
from accounts.permissions import Permission
from core.errors import Conflict
from keys.facts import publish_key
from keys.models import ApiKey


class LastProject(Conflict):
    code = "last_project"
    title = "One project must remain"


@transaction.atomic
def archive_project(project: Project, *, actor: Actor, now: datetime) -> Project:
    """Refuse the project's keys once this commits; again, it changes nothing. Raises NotAllowed, LastProject."""
    actor.require(Permission.MANAGE_PROJECTS, project.organization)
    project = _locked(project)
    if project.archived_at is not None:
        return project
    others = Project.objects.filter(organization=project.organization_id, archived_at=None).exclude(pk=project.pk)
    if not others.exists():
        raise LastProject("New keys need a project: make another one first.")
    return _change(project, "project.archived", archived_at=now, actor=actor, now=now)


@transaction.atomic
def restore_project(project: Project, *, actor: Actor, now: datetime) -> Project:
    """Accept the project's keys again, each as it was; again, it changes nothing. Raises NotAllowed."""
    actor.require(Permission.MANAGE_PROJECTS, project.organization)
    project = _locked(project)
    if project.archived_at is None:
        return project
    return _change(project, "project.restored", archived_at=None, actor=actor, now=now)


def _locked(project: Project) -> Project:
    """Wait for another archiving of the organization, which may leave this project as its last, and for new keys.

    Whoever inserts a key holds its project's row until the commit: no key is missed by what follows.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=project.organization_id)
    return Project.objects.select_for_update(of=["self"]).select_related("organization").get(pk=project.pk)


def _change(project: Project, action: str, *, archived_at: datetime | None, actor: Actor, now: datetime) -> Project:
    project.archived_at = archived_at
    project.save(update_fields=["archived_at"])
    keys = ApiKey.objects.filter(project=project)
    keys.update(facts_version=F("facts_version") + 1)
    record(actor, action, project, at=now, keys=keys.count())
    for key in keys.values_list("pk", flat=True):
        after_commit(publish_key, key)
    return project
