"""What can be done to a subscription, with the words of the pages that ask first."""

from collections.abc import Callable
from dataclasses import dataclass

from billing.models import Subscription
from billing.payments.cancel import cancel_at_period_end, keep_subscription


@dataclass(frozen=True, slots=True)
class SubscriptionChange:
    """An action on a subscription, and the words around it. `button` is the style of the button that does it."""

    act: Callable[..., Subscription]
    ends: bool
    verb: str
    done: str
    button: str


CANCELLATION = SubscriptionChange(
    cancel_at_period_end, ends=True, verb="Cancel", done="will not renew.", button="danger"
)
CONTINUATION = SubscriptionChange(
    keep_subscription, ends=False, verb="Keep", done="renews as before.", button="primary"
)
