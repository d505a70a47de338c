"""Keys are switched off and on, and revoked: by those who may, after a question."""

from datetime import datetime

import pytest
from django.urls import reverse

from accounts.models import Membership, Organization, Role, User
from keys.models import ApiKey
from tests.actors import browser_of
from tests.factories import make_key, make_user


@pytest.fixture
def key(acme: Organization, now: datetime) -> ApiKey:
    return make_key(acme, now=now).key


@pytest.fixture
def viewer(acme: Organization, now: datetime) -> User:
    viewer = make_user("vera@acme.example")
    Membership.objects.create(organization=acme, user=viewer, role=Role.VIEWER, created_at=now)
    return viewer


@pytest.mark.parametrize(
    ("change", "status"), [("revocation", "revoked"), ("disablement", "disabled"), ("enablement", "active")]
)
def test_a_change_asks_first_and_is_done_by_post(key: ApiKey, ben: User, change: str, status: str) -> None:
    browser = browser_of(ben)
    address = reverse(f"key_{change}", args=[key.pk])

    asked = browser.get(address)
    key.refresh_from_db()
    assert asked.status_code == 200
    assert key.status == "active"

    done = browser.post(address, follow=True)
    key.refresh_from_db()
    assert key.status == status
    assert f"“{key.name}” is" in done.content.decode()


@pytest.mark.parametrize("change", ["revocation", "disablement", "enablement"])
def test_an_outsider_changes_nothing(key: ApiKey, elsewhere: Organization, eve: User, change: str) -> None:
    response = browser_of(eve).post(reverse(f"key_{change}", args=[key.pk]))

    key.refresh_from_db()
    assert response.status_code == 404
    assert key.status == "active"


def test_a_revoked_key_is_not_enabled_again(key: ApiKey, ada: User) -> None:
    browser = browser_of(ada)
    browser.post(reverse("key_revocation", args=[key.pk]))

    response = browser.post(reverse("key_enablement", args=[key.pk]))

    assert response.status_code == 409
    assert "revoked" in response.content.decode()


def test_a_viewer_sees_keys_and_changes_none(key: ApiKey, viewer: User) -> None:
    browser = browser_of(viewer)

    page = browser.get("/keys/").content.decode()
    refused = browser.post(reverse("key_revocation", args=[key.pk]))

    assert key.prefix in page
    assert "/revocation/" not in page
    assert browser.get("/keys/new/").status_code == 403
    assert refused.status_code == 403
    key.refresh_from_db()
    assert key.status == "active"
