"""Projects on the organization's page."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Organization, Project, Role, User
from accounts.projects import create_project
from tests.actors import browser_of
from tests.factories import ROBOT, make_key, make_user

pytestmark = pytest.mark.django_db
CHANGES = ("project", "project_archival", "project_restoration")


@pytest.fixture
def search(acme: Organization, now: datetime) -> Project:
    return create_project(acme, name="Search", actor=ROBOT, now=now)


def test_a_developer_makes_renames_archives_and_restores(acme: Organization, ben: User) -> None:
    browser = browser_of(ben)

    made = browser.post(reverse("project_new"), {"name": "Search"}, follow=True).content.decode()
    project = Project.objects.get(name="Search")
    renamed = browser.post(reverse("project", args=[project.pk]), {"name": "Find"}, follow=True).content.decode()
    question = browser.get(reverse("project_archival", args=[project.pk])).content.decode()
    archived = browser.post(reverse("project_archival", args=[project.pk]), follow=True).content.decode()
    restored = browser.post(reverse("project_restoration", args=[project.pk]), follow=True).content.decode()

    assert "“Search” is there" in made
    assert "Find" in renamed
    assert "Archive “Find”?" in question
    assert "Archived" in archived
    assert reverse("project_restoration", args=[project.pk]) in archived
    assert "Archived" not in restored


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(("name", "error"), [("", "required"), ("Default", "There is a project “Default” already")])
def test_a_name_that_cannot_be_is_shown_with_the_form(ben: User, search: Project, name: str, error: str) -> None:
    for path in (reverse("project_new"), reverse("project", args=[search.pk])):
        answer = browser_of(ben).post(path, {"name": name})

        assert answer.status_code == 422
        assert error in answer.content.decode()


def test_the_last_project_is_not_archived(acme: Organization, project: Project, ben: User) -> None:
    answer = browser_of(ben).post(reverse("project_archival", args=[project.pk]))

    assert answer.status_code == 409
    assert "make another one first" in answer.content.decode()


def test_a_key_of_an_archived_project_is_shown_as_that(
    acme: Organization, project: Project, search: Project, ben: User, now: datetime
) -> None:
    make_key(acme, now=now)
    browser = browser_of(ben)
    browser.post(reverse("project_archival", args=[project.pk]))

    page = browser.get("/keys/").content.decode()

    assert "Archived" in page
    assert "Disable Laptop" not in page


@pytest.mark.parametrize("role", [Role.VIEWER, Role.FINANCE])
def test_other_roles_see_projects_and_change_nothing(
    acme: Organization, search: Project, now: datetime, role: str
) -> None:
    person = make_user()
    Membership.objects.create(organization=acme, user=person, role=role, created_at=now)
    browser = browser_of(person)

    page = browser.get("/organization/").content.decode()

    assert "Search" in page
    assert reverse("project_new") not in page
    assert reverse("project", args=[search.pk]) not in page
    for path in (reverse("project_new"), *(reverse(name, args=[search.pk]) for name in CHANGES)):
        assert browser.get(path).status_code == 403
        assert browser.post(path, {"name": "X"}).status_code == 403


def test_visitors_sign_in_and_outsiders_find_nothing(
    search: Project, eve: User, elsewhere: Organization, client: Client
) -> None:
    for path in (reverse(name, args=[search.pk]) for name in CHANGES):
        assert client.post(path).headers["Location"].startswith(reverse("account_login"))
        assert browser_of(eve).get(path).status_code == 404
        assert browser_of(eve).post(path, {"name": "X"}).status_code == 404
