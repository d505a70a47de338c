"""Identifiers with Stripe's prefixes and lengths."""

from __future__ import annotations

import secrets
import string

ALPHABET = string.ascii_letters + string.digits
LENGTHS = {"cus_": 14, "prod_": 14, "req_": 14, "si_": 14, "cs_test_": 58, "whsec_": 32}
# Ids of these kinds begin with a digit behind the prefix.
ONES = ("sub_", "in_", "il_", "ii_", "pm_", "evt_", "price_", "we_", "clock_", "li_", "seti_", "inpay_")
THREES = ("pi_", "ch_", "re_", "txn_")
VERSIONED = dict.fromkeys(ONES, "1") | dict.fromkeys(THREES, "3")


def new_id(prefix: str) -> str:
    """Answer a fresh random id, e.g. `cus_9s6XKzkNRiz8i3` or `in_1…` with 24 characters behind the prefix."""
    head = VERSIONED.get(prefix, "")
    return prefix + head + random_text(LENGTHS.get(prefix, 24) - len(head))


def random_text(length: int) -> str:
    """Answer letters and digits from the system's secure source."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def invoice_prefix() -> str:
    """Answer the eight capitals that begin a customer's invoice numbers."""
    return "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(8))
