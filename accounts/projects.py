"""Projects of an organization: made and renamed. Archiving one concerns its keys, and is `keys`' business."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import Organization, Project
from accounts.organizations import checked_name
from accounts.permissions import Permission
from core.errors import Conflict


class ProjectNameTaken(Conflict):
    code = "project_name_taken"
    title = "A project of this name exists"


@transaction.atomic
def create_project(organization: Organization, *, name: str, actor: Actor, now: datetime) -> Project:
    """Raises NotAllowed, Invalid for a bad name, ProjectNameTaken; archived projects keep their names."""
    actor.require(Permission.MANAGE_PROJECTS, organization)
    project = Project(organization=organization, name=checked_name(name), created_at=now)
    _save(project)
    record(actor, "project.created", project, at=now)
    return project


@transaction.atomic
def rename_project(project: Project, *, name: str, actor: Actor, now: datetime) -> Project:
    """Give the project another name; the same one again changes nothing. Raises as above."""
    actor.require(Permission.MANAGE_PROJECTS, project.organization)
    name = checked_name(name)
    project = Project.objects.select_for_update(of=["self"], no_key=True).get(pk=project.pk)
    if project.name != name:
        before, project.name = project.name, name
        _save(project)
        record(actor, "project.renamed", project, at=now, before=before, after=name)
    return project


def _save(project: Project) -> None:
    """The database decides: another page may save the same name at this moment."""
    try:
        with transaction.atomic():
            project.save()
    except IntegrityError as error:
        raise ProjectNameTaken(f"There is a project “{project.name}” already, perhaps an archived one.") from error
