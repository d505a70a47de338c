"""The demo's time machine: one organization's next renewal, now, on Stripe's test clock.

In steps, like a patient clock: to the period's end, where Stripe drafts the renewal; there it waits until our lines
are on it; then past the draft's time, where Stripe finalizes and collects. Each step looks at what is already done, so
that a killed worker's job is taken up by the next one. Refused outside the demo.
"""

import time
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import stripe
import structlog
from django.conf import settings
from django.core.cache import cache
from stripe.params.test_helpers import TestClockAdvanceParams

from accounts.models import Organization
from billing.models import BillingAccount, Invoice, Subscription
from billing.payments.calls import ProviderUnavailable, translated_failures
from billing.payments.client import client
from billing.payments.guard import TEST_KEY
from billing.payments.locks import unless_taken
from billing.payments.objects import instant, timestamp
from billing.payments.sweep import reconcile
from core.errors import Conflict

# Stripe moves an ordinary clock within seconds.
POLL_SECONDS = 0.1
POLLS = 600
# Stripe's own window, which ours only ever lengthens.
LEAST_WINDOW = timedelta(hours=1)
# A little past the draft's time, so that what is due then has happened.
MARGIN = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class NoDemoClock(Conflict):
    code = "no_demo_clock"
    title = "There is no clock to advance"


class ClockStuck(ProviderUnavailable):
    code = "demo_clock_stuck"
    title = "Stripe's test clock has not arrived in time"


class Step(StrEnum):
    TO_PERIOD_END = "to_period_end"
    CLOSING = "closing"
    COLLECTING = "collecting"
    DONE = "done"
    FAILED = "failed"


SAYS = {
    Step.TO_PERIOD_END: "Advancing to the end of the period",
    Step.CLOSING: "Closing the period and attaching its usage to the invoice",
    Step.COLLECTING: "Advancing until Stripe finalizes and collects the invoice",
    Step.DONE: "Done",
    Step.FAILED: "It did not work",
}


@dataclass(frozen=True)
class Progress:
    """How far an advance is; what the page shows. `period_end` and `started_at` are Unix seconds."""

    step: str
    period_end: int
    started_at: int
    invoice: str = ""
    error: str = ""

    @property
    def is_running(self) -> bool:
        return self.step not in (Step.DONE, Step.FAILED)

    @property
    def says(self) -> str:
        return self.error or SAYS[Step(self.step)]


def is_available(organization: Organization) -> bool:
    """Answer whether the button is shown: in the demo, in test mode, to a subscriber whose customer has a clock."""
    return _refusal(organization) == ""


def progress(organization: Organization) -> Progress | None:
    """Answer how far the advance is that was asked for last; None where there was none."""
    kept = cache.get(_key(organization))
    return Progress(**kept) if kept else None


def advance(organization: Organization, *, now: datetime) -> Progress:
    """Begin to advance to the next renewal and past its collection; one that is under way goes on. Answers at once.

    The caller enqueues `billing.tasks.advance_demo_clock`. Raises `NoDemoClock` outside the demo, or where there is
    nothing to renew.
    """
    if refusal := _refusal(organization):
        raise NoDemoClock(refusal)
    under_way = progress(organization)
    if under_way and under_way.is_running:
        return under_way
    period_end = Subscription.objects.live().get(organization=organization).current_period_end
    return _keep(
        organization, Progress(Step.TO_PERIOD_END, period_end=timestamp(period_end), started_at=timestamp(now))
    )


def proceed(organization: Organization, *, now: datetime) -> Progress | None:
    """Take the advance to its end from wherever it is, unless another worker is about it.

    What fails for good is kept for the page, and raised.
    """
    with unless_taken(_key(organization)) as is_ours:
        state = progress(organization)
        if state is None or not state.is_running or not is_ours:
            return state
        return _proceed_or_fail(organization, state, now=now)


def _proceed_or_fail(organization: Organization, state: Progress, *, now: datetime) -> Progress:
    try:
        return _proceed(organization, state, now=now)
    except ProviderUnavailable:
        raise
    except Exception as error:
        _keep(organization, replace(state, step=Step.FAILED, error=str(error)))
        raise


def resume(*, now: datetime) -> int:
    """Take up what a killed worker left; answer how many advances are at their end."""
    if not settings.DEMO:
        return 0
    accounts = BillingAccount.objects.exclude(stripe_test_clock_id="").select_related("organization")
    left_over = [each.organization for each in accounts if _is_running(progress(each.organization))]
    ended = [proceed(organization, now=now) for organization in left_over]
    return sum(not _is_running(state) for state in ended)


def _is_running(state: Progress | None) -> bool:
    return state is not None and state.is_running


def _proceed(organization: Organization, state: Progress, *, now: datetime) -> Progress:
    clock_id = BillingAccount.objects.get(organization=organization).stripe_test_clock_id
    period_end = instant(state.period_end)
    move(clock_id, to=period_end)
    state = _keep(organization, replace(state, step=Step.CLOSING))
    reconcile(organization, now=now)
    state = _keep(organization, replace(state, step=Step.COLLECTING, invoice=_invoice_of(organization, period_end)))
    move(clock_id, to=period_end + max(settings.INVOICE_CLOSE_DELAY, LEAST_WINDOW) + MARGIN)
    reconcile(organization, now=now)
    return _keep(organization, replace(state, step=Step.DONE))


@translated_failures()
def move(clock_id: str, *, to: datetime) -> None:
    """Advance the clock unless it is there already, and wait until everything due has happened."""
    clock = _wait_until_ready(clock_id)
    if clock.frozen_time >= timestamp(to):
        return
    # No key of ours: repeated by a second worker, Stripe refuses the second as under way or past.
    request: TestClockAdvanceParams = {"frozen_time": timestamp(to)}
    client().v1.test_helpers.test_clocks.advance(clock_id, request)
    _wait_until_ready(clock_id)


def _wait_until_ready(clock_id: str) -> stripe.test_helpers.TestClock:
    for _ in range(POLLS):
        clock = client().v1.test_helpers.test_clocks.retrieve(clock_id)
        if clock.status == "ready":
            return clock
        time.sleep(POLL_SECONDS)
    raise ClockStuck


def _invoice_of(organization: Organization, period_end: datetime) -> str:
    """Answer the invoice of the period that has ended; it must be there with all its lines by now.

    Empty where the subscription ended there and left nothing to bill: then no invoice is made.
    """
    invoice = Invoice.objects.filter(organization=organization, period__end=period_end).first()
    if invoice is None and Subscription.objects.filter(organization=organization, ended_at=period_end).exists():
        return ""
    if invoice is None or invoice.lines_attached_at is None:
        raise NoDemoClock("The period's usage could not be attached to the invoice; the log says why.")
    return str(invoice.pk)


def _refusal(organization: Organization) -> str:
    if not settings.DEMO or not TEST_KEY.match(settings.STRIPE_SECRET_KEY):
        return "Time can be advanced in the demo only, with a test key."
    account = BillingAccount.objects.filter(organization=organization).first()
    if account is None or not account.stripe_test_clock_id:
        return "Subscribe to a plan first: then its renewal can be seen."
    if not Subscription.objects.live().filter(organization=organization).exists():
        return "There is no subscription that renews."
    return ""


def _keep(organization: Organization, state: Progress) -> Progress:
    cache.set(_key(organization), asdict(state), timeout=None)
    log.info("demo_clock", organization=str(organization.pk), step=str(state.step))
    return state


def _key(organization: Organization) -> str:
    return f"demo-clock:{organization.pk}"
