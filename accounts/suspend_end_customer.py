"""Suspending one end customer: its requests are refused until it is restored; those of its siblings are not."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.end_customers import Publish, change, locked
from accounts.models import EndCustomer
from accounts.permissions import Permission
from core.errors import Invalid

MAX_REASON = 200


@transaction.atomic
def suspend_end_customer(
    customer: EndCustomer, *, reason: str, publish: Publish, actor: Actor, now: datetime
) -> EndCustomer:
    """Refuse its requests once this commits; one that is suspended stays as it is. Raises NotAllowed, Invalid."""
    actor.require(Permission.MANAGE_END_CUSTOMERS, customer.organization)
    reason = reason.strip()
    if not 1 <= len(reason) <= MAX_REASON or not reason.isprintable():
        raise Invalid(f"Say why, in 1 to {MAX_REASON} characters: the reason is kept in the audit trail.")
    customer = locked(customer)
    if customer.status == EndCustomer.Status.SUSPENDED:
        return customer
    columns = {"status": EndCustomer.Status.SUSPENDED, "suspended_at": now, "suspended_for": reason}
    return change(customer, columns, "end_customer.suspended", publish=publish, actor=actor, now=now)


@transaction.atomic
def restore_end_customer(customer: EndCustomer, *, publish: Publish, actor: Actor, now: datetime) -> EndCustomer:
    """Accept its requests again; one that is active stays as it is. Raises NotAllowed."""
    actor.require(Permission.MANAGE_END_CUSTOMERS, customer.organization)
    customer = locked(customer)
    if customer.status == EndCustomer.Status.ACTIVE:
        return customer
    columns = {"status": EndCustomer.Status.ACTIVE, "suspended_at": None, "suspended_for": ""}
    return change(customer, columns, "end_customer.restored", publish=publish, actor=actor, now=now)
