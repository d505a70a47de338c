"""The provider's invoice as plain values: what `billing.payments` hands over, and nothing of the provider's library."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """A line of the provider's invoice. `amount` in cents, without tax.

    `ours` is the id of the invoice line that we attached (from the line's metadata); such a line is compared, and
    every other one is copied. `kind` is plan, proration, purchase or other.
    """

    id: str
    kind: str
    description: str
    amount: int
    period_start: datetime
    period_end: datetime
    quantity: int = 1
    ours: UUID | None = None


@dataclass(frozen=True, slots=True)
class ProviderInvoice:
    """A finalized invoice of the provider. Amounts in cents; `finalized_at` by the provider's clock."""

    id: str
    reason: str
    currency: str
    subtotal: int
    tax: int
    total: int
    lines: tuple[ProviderLine, ...]
    finalized_at: datetime
    hosted_url: str = ""
