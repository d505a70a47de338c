"""What time it is for a customer: Stripe's own time, or that of the customer's test clock in the demo."""

from datetime import datetime

from billing.models import BillingAccount
from billing.payments.client import client
from billing.payments.objects import instant


def time_of(account: BillingAccount, *, now: datetime) -> datetime:
    if not account.stripe_test_clock_id:
        return now
    return instant(client().v1.test_helpers.test_clocks.retrieve(account.stripe_test_clock_id).frozen_time)
