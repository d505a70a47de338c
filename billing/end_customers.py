"""Telling gateways of an end customer, and that its organization has some."""

from uuid import UUID

from django.db.models import F

from accounts.after_commit import after_commit
from accounts.models import EndCustomer
from billing.allowance import republish_organization
from billing.models import BillingAccount
from notices.end_customers import publish_end_customer


def republish_end_customer(pk: UUID) -> None:
    """Publish it when this transaction commits; and its organization, where it is the first end customer.

    The organization's version is raised in the transaction itself, so that the periodic publisher brings what a
    process that dies after the commit leaves. The customer is published first: once its organization says that it has
    some, gateways look each of them up.
    """
    after_commit(publish_end_customer, pk)
    organization_id = EndCustomer.objects.values_list("organization_id", flat=True).get(pk=pk)
    if not EndCustomer.objects.filter(organization=organization_id).exclude(pk=pk).exists():
        BillingAccount.objects.filter(pk=organization_id).update(facts_version=F("facts_version") + 1)
        republish_organization(organization_id)
