"""What the tests of renewals share: a month's usage to the exact picodollar, and the way through a renewal."""

from datetime import UTC, datetime, timedelta

from accounts.models import Organization
from billing.models import BillingPeriod, Booking, CreditGrant, Invoice, InvoiceLine, LedgerEntry
from billing.payments.attach import lines_at_stripe
from billing.payments.objects import metadata_of
from core.usage import TokenCounts
from tests.billing.payments.shop import Shop
from usage.models import Wallet

RENEWAL = datetime(2026, 5, 8, 12, 0, tzinfo=UTC)
SECOND_RENEWAL = datetime(2026, 6, 8, 12, 0, tzinfo=UTC)
PAST_COLLECTION = timedelta(hours=3, minutes=1)
# 8,226,666 × $1.25 + 1,000,003 × $0.15 + 5,000,001 × $4.25 per million = $10.2833325 + $0.15000045 + $21.25000425.
COUNTS = TokenCounts(input=8_226_666, cache_read=1_000_003, output=5_000_001)
EXACT = 8_226_666 * 1_250_000 + 1_000_003 * 150_000 + 5_000_001 * 4_250_000
CENTS = [1_028, 15, 2_125]


def renew(shop: Shop, organization: Organization, at: datetime = RENEWAL) -> None:
    """To the period's end, the post, past the collection, the post."""
    shop.advance(organization, at)
    shop.deliver()
    shop.advance(organization, at + PAST_COLLECTION)
    shop.deliver()


def usage_invoice(organization: Organization, end: datetime = RENEWAL) -> Invoice:
    return Invoice.objects.get(organization=organization, period__end=end)


def lines_of(invoice: Invoice) -> list[tuple[str, int]]:
    return [(line.kind, line.amount) for line in invoice.lines.all()]


def books() -> tuple[object, ...]:
    """Everything that a repeated job must leave as it is."""
    return (
        list(Invoice.objects.order_by("pk").values("pk", "number", "status", "total", "amount_paid", "hash")),
        list(InvoiceLine.objects.order_by("pk").values("pk", "amount")),
        list(Booking.objects.order_by("pk").values("pk", "amount")),
        list(BillingPeriod.objects.order_by("pk").values("pk", "status", "start", "end")),
        list(CreditGrant.objects.order_by("pk").values("pk", "amount", "remaining")),
        list(LedgerEntry.objects.order_by("pk").values("pk", "amount")),
        list(Wallet.objects.values("credit", "spent", "credit_limit")),
    )


def assert_attached_once(invoice: Invoice) -> None:
    assert invoice.lines_attached_at
    ours = [metadata_of(line).get("line") for line in lines_at_stripe(invoice.stripe_invoice_id or "")]
    assert sorted(line for line in ours if line) == sorted(str(line.pk) for line in invoice.lines.all())
