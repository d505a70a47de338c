from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, Organization, User
from billing.models import CreditGrant, LedgerEntry
from core.money import PICOS_PER_UNIT
from usage.models import Wallet

ADD = "admin:billing_creditgrant_add"
TICKET = "0192a5e0-0000-7000-8000-000000000001"


def entered(customer: Organization, **changed: str) -> dict[str, str]:
    form = {
        "organization": str(customer.pk),
        "amount": "12.5",
        "reason": "An apology",
        "expires_at_0": "",
        "expires_at_1": "",
        "priority": "100",
        "ticket": TICKET,
    }
    return form | changed


def test_staff_grant_credit_with_a_reason(customer: Organization, staff: Client, sam: User, now: datetime) -> None:
    before = Wallet.objects.get(organization_id=customer.pk).available

    answer = staff.post(reverse(ADD), entered(customer))

    assert answer.status_code == 302
    grant = CreditGrant.objects.get(reason="An apology")
    assert (grant.kind, int(grant.amount), grant.created_by) == ("promotional", 125 * PICOS_PER_UNIT // 10, sam)
    assert Wallet.objects.get(organization_id=customer.pk).available - before == grant.amount
    assert sum(LedgerEntry.objects.values_list("amount", flat=True)) == 0
    entry = AuditEntry.objects.get(action="credit.granted", user=sam)
    assert (entry.organization, entry.ip_address, entry.data["reason"]) == (customer, "127.0.0.1", "An apology")


def test_a_form_that_is_sent_twice_grants_once(customer: Organization, staff: Client) -> None:
    for _ in range(2):
        staff.post(reverse(ADD), entered(customer))

    assert CreditGrant.objects.filter(reason="An apology").count() == 1


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"amount": "0"}, "more than $0"),
        ({"amount": "-5"}, "from 0 to"),
        ({"amount": "0.0000000000001"}, "finer than a picodollar"),
        ({"reason": ""}, "required"),
    ],
)
def test_a_refusal_is_shown_and_nothing_granted(
    changed: dict[str, str], why: str, customer: Organization, staff: Client
) -> None:
    before = CreditGrant.objects.count()

    answer = staff.post(reverse(ADD), entered(customer, **changed))

    assert answer.status_code == 200
    assert why in answer.content.decode()
    assert CreditGrant.objects.count() == before


def test_a_customer_without_an_account_is_a_clear_refusal(elsewhere: Organization, staff: Client) -> None:
    answer = staff.post(reverse(ADD), entered(elsewhere))

    assert answer.status_code == 200
    assert "has no account yet" in answer.content.decode()
