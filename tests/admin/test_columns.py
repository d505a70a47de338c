import pytest
from django.db.models import TextChoices

from accounts.models import Organization
from accounts.staff.columns import COLOURS
from billing.models import BillingPeriod, Checkout, CreditGrant, Invoice, PlanVersion, ProviderCall, Subscription
from catalog.models import Model
from keys.models import ApiKey

CHOICES = (
    ApiKey.Status,
    BillingPeriod.Status,
    Checkout.Status,
    CreditGrant.Kind,
    Invoice.Status,
    Model.Stage,
    Organization.Status,
    PlanVersion.Status,
    ProviderCall.Status,
    Subscription.Status,
)


@pytest.mark.parametrize("choices", CHOICES, ids=lambda choices: choices.__qualname__)
def test_every_status_has_a_colour(choices: type[TextChoices]) -> None:
    assert set(choices.values) <= set(COLOURS)
