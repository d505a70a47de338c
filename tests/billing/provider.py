"""The provider's side of an invoice, as `billing.payments` would hand it over."""

from collections.abc import Iterable
from datetime import datetime
from itertools import count
from typing import Any

from billing.models import Invoice
from billing.provider_invoice import ProviderInvoice, ProviderLine

_NUMBERS = count(1)


def plan_line(
    cents: int,
    *,
    start: datetime,
    end: datetime,
    kind: str = "plan",
    description: str = "1 × Build (at $20.00 / month)",
) -> ProviderLine:
    return ProviderLine(
        id=f"il_{next(_NUMBERS)}",
        kind=kind,
        description=description,
        amount=cents,
        period_start=start,
        period_end=end,
    )


def finalized(
    invoice: Invoice, *lines: ProviderLine, at: datetime, reason: str = "subscription_cycle", tax: int = 0, **other: Any
) -> ProviderInvoice:
    """Answer the provider's finalized invoice: `lines`, and those of ours that were attached to it."""
    every = (*lines, *attached(invoice))
    subtotal = sum(line.amount for line in every)
    figures: dict[str, Any] = {"subtotal": subtotal, "tax": tax, "total": subtotal + tax, "lines": every}
    figures |= {"id": f"in_{next(_NUMBERS)}", "reason": reason, "currency": "usd", "finalized_at": at}
    return ProviderInvoice(**(figures | other))


def attached(invoice: Invoice) -> Iterable[ProviderLine]:
    for line in invoice.lines.order_by("position"):
        yield ProviderLine(
            id=f"il_{next(_NUMBERS)}",
            kind="other",
            description=line.description,
            amount=line.amount,
            period_start=line.period_start,
            period_end=line.period_end,
            ours=line.pk,
        )
