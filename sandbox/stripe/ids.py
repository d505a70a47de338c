"""Identifiers with Stripe's prefixes and lengths."""

from __future__ import annotations

import secrets
import string

ALPHABET = string.ascii_letters + string.digits
LENGTHS = {"cus_": 14, "prod_": 14, "req_": 14, "si_": 14, "cs_test_": 58, "whsec_": 32}
VERSIONED = {"sub_": "1", "in_": "1", "il_": "1", "ii_": "1", "pm_": "1", "evt_": "1", "price_": "1"}
VERSIONED |= {"pi_": "3", "ch_": "3", "re_": "3", "txn_": "3", "we_": "1", "clock_": "1", "li_": "1", "inpay_": "1"}


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
