"""What keeps real money out of reach by accident: checked at start, and on every object that is fetched."""

import re
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core.errors import TollwayError

LIVE_KEY = re.compile(r"^(sk|rk)_live_")
TEST_KEY = re.compile(r"^(sk|rk)_test_")
SANDBOX_KEY = re.compile(r"^sk_test_sandbox_")

log = structlog.get_logger(__name__)


class LivemodeObject(TollwayError):
    """An object of live mode reached an installation that is not allowed to touch real money."""

    code = "livemode_object"
    status = 400
    title = "This belongs to live mode"


@dataclass(frozen=True)
class PaymentSettings:
    key: str
    sandbox_url: str
    allow_live: bool

    @classmethod
    def current(cls) -> "PaymentSettings":
        return cls(settings.STRIPE_SECRET_KEY, settings.STRIPE_SANDBOX_URL, settings.STRIPE_ALLOW_LIVE)

    @property
    def is_configured(self) -> bool:
        return bool(self.key)


def refuse_unsafe(payment: PaymentSettings) -> None:
    """Raise `ImproperlyConfigured` unless a key is there and everything about it fits."""
    if not payment.is_configured:
        raise ImproperlyConfigured("Set STRIPE_SECRET_KEY: without it nothing can be bought.")
    if fault := fault_of(payment):
        raise ImproperlyConfigured(fault)


def fault_of(payment: PaymentSettings) -> str:
    """Answer in one sentence what is wrong with these settings; empty where nothing is, or nothing is configured."""
    if not payment.key:
        return "STRIPE_SANDBOX_URL needs a STRIPE_SECRET_KEY of the sandbox." if payment.sandbox_url else ""
    if LIVE_KEY.match(payment.key):
        return _fault_of_live_key(payment)
    if not TEST_KEY.match(payment.key):
        return "STRIPE_SECRET_KEY must begin with sk_test_ or rk_test_."
    if bool(SANDBOX_KEY.match(payment.key)) != bool(payment.sandbox_url):
        return (
            "A key of the sandbox (sk_test_sandbox_...) goes with STRIPE_SANDBOX_URL and nothing else does: "
            "set both, or use a key of Stripe's own without a sandbox."
        )
    return ""


def _fault_of_live_key(payment: PaymentSettings) -> str:
    if not payment.allow_live:
        return "STRIPE_SECRET_KEY is a live key: it moves real money. Set STRIPE_ALLOW_LIVE=1 if that is meant."
    if payment.sandbox_url:
        return "A live key never goes to STRIPE_SANDBOX_URL."
    return ""


def is_foreign(*, livemode: bool) -> bool:
    """Answer whether an object is of live mode where that is not allowed, and raise the alarm in the log if so."""
    if livemode and not settings.STRIPE_ALLOW_LIVE:
        log.critical("livemode_object_dropped", hint="A live webhook or key points at this installation.")
        return True
    return False


def refuse_livemode(*, livemode: bool) -> None:
    if is_foreign(livemode=livemode):
        raise LivemodeObject
