"""Making and renaming projects."""

from datetime import datetime

import pytest

from accounts.models import AuditEntry, Membership, Organization, Project, Role, User
from accounts.projects import ProjectNameTaken, create_project, rename_project
from core.errors import Invalid, NotAllowed
from tests.actors import acting
from tests.factories import make_user


def test_a_developer_makes_a_project(acme: Organization, ben: User, now: datetime) -> None:
    project = create_project(acme, name=" Search ", actor=acting(ben), now=now)

    assert (project.organization, project.name, project.created_at) == (acme, "Search", now)
    assert AuditEntry.objects.get(action="project.created").user == ben


def test_a_project_is_renamed_once(project: Project, ben: User, now: datetime) -> None:
    for _ in range(2):
        rename_project(project, name="Search", actor=acting(ben), now=now)

    project.refresh_from_db()
    assert project.name == "Search"
    assert AuditEntry.objects.get(action="project.renamed").data == {"before": "Default", "after": "Search"}


def test_a_name_is_given_once_in_an_organization(
    acme: Organization, elsewhere: Organization, project: Project, ben: User, eve: User, now: datetime
) -> None:
    create_project(elsewhere, name="Search", actor=acting(eve), now=now)
    create_project(acme, name="Search", actor=acting(ben), now=now)

    with pytest.raises(ProjectNameTaken, match="Search"):
        create_project(acme, name="Search", actor=acting(ben), now=now)
    with pytest.raises(ProjectNameTaken, match="Search"):
        rename_project(project, name="Search", actor=acting(ben), now=now)


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_bad_name_is_refused(name: str, acme: Organization, project: Project, ben: User, now: datetime) -> None:
    with pytest.raises(Invalid):
        create_project(acme, name=name, actor=acting(ben), now=now)
    with pytest.raises(Invalid):
        rename_project(project, name=name, actor=acting(ben), now=now)


@pytest.mark.parametrize("role", [Role.FINANCE, Role.VIEWER, None])
def test_others_may_not(role: str | None, acme: Organization, project: Project, now: datetime) -> None:
    person = make_user()
    if role:
        Membership.objects.create(organization=acme, user=person, role=role, created_at=now)

    with pytest.raises(NotAllowed):
        create_project(acme, name="Search", actor=acting(person), now=now)
    with pytest.raises(NotAllowed):
        rename_project(project, name="Search", actor=acting(person), now=now)
