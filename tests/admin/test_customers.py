from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks
from redis import Redis

from accounts.models import AuditEntry, Organization, User
from core.wire import decode_organization, organization_facts_at
from tests.actors import browser_of

CONFIRMED = {"_form_submitted": "on", "reason": "Chargebacks"}


def button(name: str, customer: Organization) -> str:
    return reverse(f"admin:accounts_organization_{name}", args=[customer.pk])


def test_the_page_shows_the_wallet_in_dollars_and_what_belongs_to_the_customer(
    world: Organization, staff: Client
) -> None:
    shown = staff.get(reverse("admin:accounts_organization_change", args=[world.pk])).content.decode()

    for expected in ("$4.99875", "$0.00125", "ada@acme.example", "Laptop", "Build v1", "$20.00", "Welcome credit"):
        assert expected in shown


def test_the_list_shows_the_plan_and_the_wallet(world: Organization, elsewhere: Organization, staff: Client) -> None:
    shown = staff.get(reverse("admin:accounts_organization_changelist")).content.decode()

    assert "Build" in shown
    assert "Free" in shown
    assert "$4.99875" in shown


def test_a_suspended_customer_is_refused_by_gateways_until_it_is_restored(
    customer: Organization,
    staff: Client,
    sam: User,
    redis: "Redis",
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    seen = []

    for name in ("suspend", "restore"):
        with django_capture_on_commit_callbacks(execute=True):
            staff.post(button(name, customer), CONFIRMED)
        seen.append(decode_organization(str(redis.get(organization_facts_at(customer.pk)))).status)

    assert seen == ["suspended", "active"]
    entries = AuditEntry.objects.filter(user=sam, organization=customer)
    assert {(entry.action, entry.data["reason"]) for entry in entries} == {
        ("organization.suspended", "Chargebacks"),
        ("organization.restored", "Chargebacks"),
    }


def test_a_suspension_needs_a_reason(customer: Organization, staff: Client) -> None:
    answer = staff.post(button("suspend", customer), {"_form_submitted": "on", "reason": ""})

    assert answer.status_code == 200
    assert Organization.objects.get(pk=customer.pk).status == "active"


def test_only_the_button_that_fits_is_offered(customer: Organization, staff: Client) -> None:
    page = reverse("admin:accounts_organization_change", args=[customer.pk])

    shown = staff.get(page).content.decode()

    assert button("suspend", customer) in shown
    assert button("restore", customer) not in shown


def test_an_owner_cannot_reach_the_button(customer: Organization, ada: User) -> None:
    answer = browser_of(ada).post(button("suspend", customer), CONFIRMED)

    assert answer.status_code == 302
    assert Organization.objects.get(pk=customer.pk).status == "active"
