"""The payment provider's stand-in, for the pages that lead to it."""

from tests.billing.payments.conftest import sandbox, shop, stripe_settings

__all__ = ["sandbox", "shop", "stripe_settings"]  # fixtures
