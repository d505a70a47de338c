"""Ada owns Acme, Ben is a developer in it, Eve is an outsider with an organization of her own, Sam is staff.

The fixtures are in every test's reach (tests/conftest.py imports them). All begin at the frozen `now`.
"""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.test import Client, override_settings

from accounts.actor import Actor
from accounts.models import Membership, Organization, Project, Role, User
from notices.facts import redis_client
from tests.factories import default_project, make_organization, make_staff, make_user


@pytest.fixture
def ada(db: None) -> User:
    return make_user("ada@acme.example", first_name="Ada")


@pytest.fixture
def ben(acme: Organization, now: datetime) -> User:
    ben = make_user("ben@acme.example", first_name="Ben")
    Membership.objects.create(organization=acme, user=ben, role=Role.DEVELOPER, created_at=now)
    return ben


@pytest.fixture
def eve(db: None) -> User:
    return make_user("eve@elsewhere.example", first_name="Eve")


@pytest.fixture
def sam(db: None) -> User:
    return make_staff("sam@tollway.example")


@pytest.fixture
def acme(ada: User, now: datetime) -> Organization:
    return make_organization(ada, name="Acme", now=now)


@pytest.fixture
def elsewhere(eve: User, now: datetime) -> Organization:
    return make_organization(eve, name="Elsewhere", now=now)


@pytest.fixture
def project(acme: Organization) -> Project:
    return default_project(acme)


def acting(user: User) -> Actor:
    """Answer the actor of the person's own page."""
    return Actor.person(user, ip_address="203.0.113.7")


def acting_as_staff(user: User) -> Actor:
    return Actor.staff(user, ip_address="203.0.113.9")


def browser_of(user: User) -> Client:
    """Answer a browser in which the person is signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def redis_is_away() -> Iterator[None]:
    """Publish to a port on which nothing listens."""
    redis_client.cache_clear()
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        yield
    redis_client.cache_clear()
