"""What the code calls final is final in the database too, whoever writes the SQL."""

from datetime import datetime

import pytest
from django.db import Error, connection, transaction

from accounts.models import Organization
from billing.close import close_period
from billing.credits import Kind, grant_credit
from billing.models import Subscription
from catalog.models import Model
from core.money import PICOS_PER_UNIT
from keys.models import ApiKey
from tests.billing.plans import NEXT_END, TOKENS, renew
from tests.factories import ROBOT, use

REFUSED = [
    "UPDATE usage_event SET amount = 0",
    "DELETE FROM usage_event",
    "UPDATE billing_billingperiod SET start = start - interval '1 hour'",
    "UPDATE billing_billingperiod SET \"end\" = \"end\" + interval '1 hour' WHERE status = 'closed'",
    "UPDATE billing_billingperiod SET status = 'open', closed_at = NULL WHERE status = 'closed'",
    "DELETE FROM billing_billingperiod",
    "UPDATE billing_ratingrun SET to_version = to_version + 1",
    "UPDATE billing_booking SET quantity = 0, amount = 0",
    "UPDATE billing_creditgrant SET amount = amount + 1",
    "UPDATE billing_creditgrant SET kind = 'paid'",
    "DELETE FROM billing_creditgrant",
    "UPDATE billing_ledgerentry SET amount = amount + 1",
    "DELETE FROM billing_ledgertransaction",
]


@pytest.fixture
def history(subscription: Subscription, customer: Organization, key: ApiKey, spark: Model, now: datetime) -> None:
    """A closed period with usage, a grant, a run and its postings."""
    grant_credit(
        customer,
        kind=Kind.PROMOTIONAL,
        amount=PICOS_PER_UNIT,
        reason="Welcome",
        operation_key="welcome",
        actor=ROBOT,
        now=now,
    )
    use(key, spark, at=now, counts=TOKENS)
    renew(subscription, NEXT_END)
    close_period(subscription.periods.get().pk, now=now)


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("statement", REFUSED)
def test_what_is_final_is_refused(statement: str) -> None:
    with pytest.raises(Error, match=r"append-only|never|closed"), transaction.atomic():
        connection.cursor().execute(statement)
