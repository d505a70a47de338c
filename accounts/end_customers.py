"""End customers: the customers of an organization, registered by its own ids, and renamed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import EndCustomer, Organization
from accounts.permissions import Permission
from core.errors import Invalid

MAX_ID = MAX_NAME = 200

# Billing publishes what gateways know of an organization; it stands above this app, so its publisher is passed in.
# It is called within the transaction, and publishes after the commit.
Publish = Callable[[UUID], object]


@transaction.atomic
def register_end_customer(
    organization: Organization, *, external_id: str, name: str = "", publish: Publish, actor: Actor, now: datetime
) -> tuple[EndCustomer, bool]:
    """Answer the end customer of this id, and whether it is new; one that exists stays as it is.

    Raises NotAllowed, Invalid for an id that no request could carry, and for a long name.
    """
    actor.require(Permission.MANAGE_END_CUSTOMERS, organization)
    values = {"name": checked_name(name), "created_at": now}
    customer, is_new = EndCustomer.objects.get_or_create(
        organization=organization, external_id=checked_id(external_id), defaults=values
    )
    if is_new:
        record(actor, "end_customer.registered", customer, at=now, name=customer.name)
        publish(customer.pk)
    return customer, is_new


@transaction.atomic
def rename_end_customer(
    customer: EndCustomer, *, name: str, publish: Publish, actor: Actor, now: datetime
) -> EndCustomer:
    """Give it another name, or none; the same one again changes nothing. Raises NotAllowed, Invalid."""
    actor.require(Permission.MANAGE_END_CUSTOMERS, customer.organization)
    name = checked_name(name)
    customer = locked(customer)
    if customer.name == name:
        return customer
    before = customer.name
    return change(
        customer, {"name": name}, "end_customer.renamed", publish=publish, actor=actor, now=now, before=before
    )


def locked(customer: EndCustomer) -> EndCustomer:
    return EndCustomer.objects.select_for_update(of=["self"]).select_related("organization").get(pk=customer.pk)


def change(
    customer: EndCustomer,
    columns: Mapping[str, Any],
    action: str,
    *,
    publish: Publish,
    actor: Actor,
    now: datetime,
    **data: Any,
) -> EndCustomer:
    """Write the columns of a locked row, record it, and tell the gateways after the commit."""
    EndCustomer.objects.filter(pk=customer.pk).update(**columns, facts_version=F("facts_version") + 1)
    customer.refresh_from_db()
    record(actor, action, customer, at=now, **columns, **data)
    publish(customer.pk)
    return customer


def checked_id(external_id: str) -> str:
    """Answer it without surrounding spaces. Raises Invalid."""
    external_id = external_id.strip()
    if not 1 <= len(external_id) <= MAX_ID:
        raise Invalid(f"An end customer’s id has 1 to {MAX_ID} characters.")
    if not external_id.isprintable():
        raise Invalid("An end customer’s id has printable characters only: a header has to carry it.")
    return external_id


def checked_name(name: str) -> str:
    name = name.strip()
    if len(name) > MAX_NAME or not name.isprintable():
        raise Invalid(f"A name has at most {MAX_NAME} printable characters.")
    return name
