"""No test reaches real money, and neither does an installation that was not told to."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from billing.payments.client import client
from billing.payments.guard import LivemodeObject, PaymentSettings, fault_of, is_foreign, refuse_livemode, refuse_unsafe
from config import settings as settings_module

SANDBOX = "http://127.0.0.1:8012"


@pytest.mark.parametrize(
    ("key", "sandbox_url"),
    [("", ""), ("sk_test_abc", ""), ("rk_test_abc", ""), ("sk_test_sandbox_abc", SANDBOX)],
)
def test_test_keys_and_the_sandbox_are_accepted(key: str, sandbox_url: str) -> None:
    assert fault_of(PaymentSettings(key, sandbox_url, allow_live=False)) == ""


@pytest.mark.parametrize(
    ("key", "sandbox_url", "names"),
    [
        ("sk_live_abc", "", "STRIPE_ALLOW_LIVE"),
        ("rk_live_abc", "", "STRIPE_ALLOW_LIVE"),
        ("pk_test_abc", "", "sk_test_"),
        ("whsec_abc", "", "sk_test_"),
        ("sk_test_abc", SANDBOX, "sandbox"),
        ("sk_test_sandbox_abc", "", "sandbox"),
        ("", SANDBOX, "STRIPE_SECRET_KEY"),
    ],
)
def test_what_does_not_fit_is_refused(key: str, sandbox_url: str, names: str) -> None:
    payment = PaymentSettings(key, sandbox_url, allow_live=False)

    assert names in fault_of(payment)
    with pytest.raises(ImproperlyConfigured):
        refuse_unsafe(payment)


def test_a_live_key_is_accepted_where_it_is_meant_and_never_for_the_sandbox() -> None:
    assert fault_of(PaymentSettings("sk_live_abc", "", allow_live=True)) == ""
    assert "never" in fault_of(PaymentSettings("sk_live_abc", SANDBOX, allow_live=True))


def test_there_is_no_client_without_a_safe_key(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_abc"
    with pytest.raises(ImproperlyConfigured, match="real money"):
        client()

    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(ImproperlyConfigured, match="STRIPE_SECRET_KEY"):
        client()


def test_objects_of_live_mode_are_foreign(settings: Settings) -> None:
    assert is_foreign(livemode=True)
    assert not is_foreign(livemode=False)
    with pytest.raises(LivemodeObject):
        refuse_livemode(livemode=True)

    settings.STRIPE_ALLOW_LIVE = True
    assert not is_foreign(livemode=True)


def test_no_process_starts_with_a_live_key() -> None:
    start = "import django; django.setup()"
    environment = os.environ | {"STRIPE_SECRET_KEY": "sk_live_abc", "DJANGO_SETTINGS_MODULE": "config.settings"}

    answer = subprocess.run(
        [sys.executable, "-c", start],
        cwd=settings_module.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode != 0
    assert "it moves real money" in answer.stderr
