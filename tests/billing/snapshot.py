"""All that closing writes for one organization, without ids: two organizations with one story look the same."""

from typing import Any

from accounts.models import AuditEntry, Organization
from billing.models import (
    BillingPeriod,
    Booking,
    CreditConsumption,
    CreditGrant,
    InvoiceLine,
    LedgerEntry,
    RatingRun,
)
from usage.models import Wallet


def snapshot(organization: Organization) -> dict[str, list[Any]]:
    by_period = {"run__period__organization": organization}
    rows = {
        "periods": BillingPeriod.objects.filter(organization=organization).values_list(
            "index", "start", "end", "status"
        ),
        "runs": RatingRun.objects.filter(period__organization=organization).values_list(
            "period__index", "sequence", "from_version", "to_version"
        ),
        "bookings": Booking.objects.filter(**by_period).values_list(
            "run__period__index", "run__sequence", "token_class", "quantity", "amount", "invoice_line__position"
        ),
        "consumptions": CreditConsumption.objects.filter(**by_period).values_list(
            "grant__reason", "run__sequence", "amount", "invoice_line__position"
        ),
        "grants": CreditGrant.objects.filter(organization=organization).values_list("reason", "remaining", "expired"),
        "lines": InvoiceLine.objects.filter(invoice__organization=organization).values_list(
            "invoice__period__index", "position", "kind", "quantity", "exact_amount", "amount"
        ),
        "entries": LedgerEntry.objects.filter(transaction__organization=organization).values_list(
            "transaction__kind", "account__kind", "amount"
        ),
        "audit": AuditEntry.objects.filter(organization=organization).values_list("action"),
        "wallet": Wallet.objects.filter(organization_id=organization.pk).values_list(
            "version", "credit", "spent", "credit_limit"
        ),
    }
    return {name: sorted(map(str, queryset)) for name, queryset in rows.items()}
