"""Putting a plan's terms into force: the limits at the gateway, and how far usage may exceed credit."""

from uuid import UUID

from django.db import transaction

from billing.allowance import republish_organization
from billing.models import PlanVersion
from billing.terms import terms_of
from billing.wallet import set_limit
from core.money import picos_of_cents


@transaction.atomic
def apply_terms(organization_id: UUID) -> PlanVersion | None:
    """Bring wallet and gateway in line with the terms that the organization is served under; answer these.

    Call it whenever a subscription begins, ends or changes its status. Again, it changes nothing.
    """
    terms = terms_of(organization_id)
    set_limit(organization_id, picos_of_cents(terms.overage_limit) if terms else 0)
    republish_organization(organization_id)
    return terms
