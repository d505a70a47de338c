from datetime import datetime

import pytest
from django.contrib.auth.models import Permission as DjangoPermission
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks
from redis import Redis

from accounts.models import AuditEntry, Organization, User
from core.wire import decode_key, key_facts_at
from keys.models import ApiKey
from tests.actors import browser_of
from tests.factories import make_key, make_user

CONFIRMED = {"_form_submitted": "on", "reason": "Leaked on a forum"}


def button(name: str, key: ApiKey) -> str:
    return reverse(f"admin:keys_apikey_{name}", args=[key.pk])


@pytest.mark.parametrize(
    ("name", "status", "action"), [("revoke", "revoked", "key.revoked"), ("disable", "disabled", "key.disabled")]
)
def test_a_key_is_refused_by_gateways_at_once(
    name: str,
    status: str,
    action: str,
    key: ApiKey,
    staff: Client,
    sam: User,
    redis: "Redis",
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = staff.post(button(name, key), CONFIRMED)

    assert answer.status_code == 302
    assert decode_key(str(redis.get(key_facts_at(key.key_id)))).status == status
    entry = AuditEntry.objects.get(action=action)
    assert (entry.user, entry.organization, entry.ip_address) == (sam, key.organization, "127.0.0.1")


def test_the_reason_of_a_revocation_is_kept(key: ApiKey, staff: Client) -> None:
    staff.post(button("revoke", key), CONFIRMED)

    assert AuditEntry.objects.get(action="key.revoked").data == {"reason": "Leaked on a forum"}


def test_a_link_alone_changes_nothing(key: ApiKey, staff: Client) -> None:
    answer = staff.get(button("revoke", key))

    assert "for ever" in answer.content.decode()
    assert ApiKey.objects.get(pk=key.pk).status == "active"


def test_a_disabled_key_is_enabled(key: ApiKey, staff: Client) -> None:
    for name in ("disable", "enable"):
        staff.post(button(name, key), CONFIRMED)

    assert ApiKey.objects.get(pk=key.pk).status == "active"


def test_enabling_a_revoked_key_is_refused_with_its_reason(key: ApiKey, staff: Client) -> None:
    staff.post(button("revoke", key), CONFIRMED)

    answer = staff.post(button("enable", key), CONFIRMED, follow=True)

    assert "cannot be used again" in answer.content.decode()


def test_many_keys_are_revoked_at_once(key: ApiKey, acme: Organization, staff: Client, now: datetime) -> None:
    other = make_key(acme, now=now).key
    chosen = {"action": "revoke_selected", "_selected_action": [str(key.pk), str(other.pk)]}

    staff.post(reverse("admin:keys_apikey_changelist"), chosen)

    assert set(ApiKey.objects.values_list("status", flat=True)) == {"revoked"}
    assert AuditEntry.objects.filter(action="key.revoked").count() == 2


def test_no_page_shows_a_secret(key: ApiKey, staff: Client) -> None:
    pages = (reverse("admin:keys_apikey_changelist"), reverse("admin:keys_apikey_change", args=[key.pk]))

    for page in pages:
        assert key.hash not in staff.get(page).content.decode()


def test_a_clerk_who_may_only_look_cannot_revoke(key: ApiKey) -> None:
    clerk = make_user(is_staff=True)
    clerk.user_permissions.add(DjangoPermission.objects.get(codename="view_apikey"))

    answer = browser_of(clerk).post(button("revoke", key), CONFIRMED)

    assert answer.status_code == 403
    assert ApiKey.objects.get(pk=key.pk).status == "active"


def test_a_key_that_is_unknown_is_not_found(key: ApiKey, staff: Client) -> None:
    unknown = reverse("admin:keys_apikey_revoke", args=["01234567-89ab-cdef-0123-456789abcdef"])

    assert staff.post(unknown, CONFIRMED).status_code == 404
