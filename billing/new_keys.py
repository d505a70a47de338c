"""Keys as the product makes them: with a budget from the first request on.

A key of an organization that never paid may spend so much a day, unless the organization has a rule of its own; and a
rotated key's budgets go over to the one that replaces it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.actor import Actor
from accounts.models import Organization, Project
from billing.budgets import BudgetTerms, add_budget, place_budget
from billing.models import CreditGrant, Invoice
from core.budget import Node, Window
from core.money import picos_of_cents
from keys.issue import IssuedKey, issue_key
from keys.models import ApiKey
from keys.rotate import rotate_by_program, rotate_key
from usage.models import Budget


@dataclass(frozen=True, slots=True)
class KeyBudget:
    """A budget that is asked for with a new key, instead of the daily one that it would get."""

    window: Window
    terms: BudgetTerms


@transaction.atomic
def make_key(
    project: Project, *, actor: Actor, now: datetime, budget: KeyBudget | None = None, **terms: Any
) -> IssuedKey:
    """Issue a key on `terms` (see `issue_key`), with `budget` or the daily one of the organization's rule.

    To choose the budget takes the permission to manage budgets. Raises what `issue_key` and `add_budget` raise.
    """
    issued = issue_key(project, actor=actor, now=now, **terms)
    organization, at = project.organization, (Node.KEY, issued.key.pk)
    if budget is not None:
        add_budget(organization, *at, window=budget.window, terms=budget.terms, actor=actor, now=now)
    elif (cap := daily_cap_of(organization)) is not None and issued.key.kind != ApiKey.Kind.ADMIN:
        terms_ = BudgetTerms(cap)
        place_budget(organization, *at, window=Window.DAY, terms=terms_, actor=actor, now=now)
    return issued


@transaction.atomic
def replace_key(
    key: ApiKey, *, grace: timedelta, actor: Actor, now: datetime, caller: ApiKey | None = None
) -> IssuedKey:
    """Rotate a key (see `rotate_key`, and `rotate_by_program` where a program's own key is the `caller`).

    The new key gets the budgets of the old one. Each counts its own key's spending, while both work.
    """
    if caller is None:
        issued = rotate_key(key, grace=grace, actor=actor, now=now)
    else:
        issued = rotate_by_program(key, caller=caller, grace=grace, actor=actor, now=now)
    _hand_over_budgets(key, issued.key, actor=actor, now=now)
    return issued


def _hand_over_budgets(old: ApiKey, new: ApiKey, *, actor: Actor, now: datetime) -> None:
    for budget in Budget.objects.filter(organization_id=old.organization_id, node=Node.KEY, node_id=old.pk):
        place_budget(
            old.organization,
            Node.KEY,
            new.pk,
            window=Window(budget.window),
            terms=BudgetTerms(int(budget.cap), budget.is_hard, budget.thresholds),
            actor=actor,
            now=now,
        )


def daily_cap_of(organization: Organization) -> int | None:
    """Answer picodollars that a new key may spend in a day, or None where nothing caps it."""
    match organization.new_key_cap:
        case Organization.NewKeyCap.OWN:
            return picos_of_cents(organization.new_key_cap_cents or 0)
        case Organization.NewKeyCap.NONE:
            return None
        case _:
            cents = settings.NEW_KEY_DAILY_CAP_CENTS
            return picos_of_cents(cents) if cents and not has_paid(organization.pk) else None


def has_paid(organization: UUID) -> bool:
    """Tell whether any money of the organization has come in: for an invoice, or for credit."""
    return (
        Invoice.objects.filter(organization_id=organization, amount_paid__gt=0).exists()
        or CreditGrant.objects.filter(organization_id=organization, kind=CreditGrant.Kind.PAID).exists()
    )
