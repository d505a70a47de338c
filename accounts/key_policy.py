"""What an organization asks of all of its keys."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import Organization
from accounts.permissions import Permission
from core.errors import Invalid

LONGEST = 3650
MOST_CENTS = 100_000_000_000


@dataclass(frozen=True, slots=True)
class KeyPolicy:
    """`new_key_cap_cents` is what a new key may spend in a day, where the organization has an amount of its own."""

    max_key_days: int | None = None
    leaked_keys: str = Organization.LeakedKeys.REVOKE
    new_key_cap: str = Organization.NewKeyCap.DEFAULT
    new_key_cap_cents: int | None = None
    velocity_freeze: bool = True


@transaction.atomic
def set_key_policy(organization: Organization, policy: KeyPolicy, *, actor: Actor, now: datetime) -> Organization:
    """Put the policy in force for new keys, leaks and freezes to come. Raises NotAllowed, Invalid.

    Keys that exist keep their end and their budgets; those that outlive the limit are pointed out.
    """
    actor.require(Permission.MANAGE_ORGANIZATION, organization)
    _check(policy)
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    values: dict[str, Any] = asdict(policy)
    changed = {name: value for name, value in values.items() if getattr(organization, name) != value}
    if not changed:
        return organization
    for name, value in changed.items():
        setattr(organization, name, value)
    organization.save(update_fields=list(changed))
    record(actor, "organization.key_policy", organization, at=now, **values)
    return organization


def _check(policy: KeyPolicy) -> None:
    if policy.max_key_days is not None and not 1 <= policy.max_key_days <= LONGEST:
        raise Invalid(f"A key lives 1 to {LONGEST} days.")
    if policy.leaked_keys not in Organization.LeakedKeys.values:
        raise Invalid("A leaked key is revoked or disabled.")
    if policy.new_key_cap not in Organization.NewKeyCap.values:
        raise Invalid("New keys are capped as usual, by an amount of your own, or not at all.")
    if (policy.new_key_cap == Organization.NewKeyCap.OWN) != (policy.new_key_cap_cents is not None):
        raise Invalid("An amount of your own says how much; the others say nothing.")
    if policy.new_key_cap_cents is not None and not 0 <= policy.new_key_cap_cents <= MOST_CENTS:
        raise Invalid(f"A new key may spend $0 to ${MOST_CENTS // 100:,} a day.")
