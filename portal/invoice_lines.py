"""An invoice's lines as its page shows them: in the sections and the order of its document, with links to the usage."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from billing.models import Invoice, InvoiceLine
from catalog.models import Model

Kind = InvoiceLine.Kind
OWED = (Invoice.Status.OPEN, Invoice.Status.PARTIALLY_PAID)

SECTIONS = {
    Kind.PLAN: (0, "Subscription"),
    Kind.PRORATION: (0, "Subscription"),
    Kind.PURCHASE: (1, "Credit purchase"),
    Kind.OTHER: (2, "Other"),
    Kind.USAGE: (3, "Usage"),
    Kind.CREDIT: (4, "Credit"),
}


@dataclass(frozen=True, slots=True)
class ShownLine:
    """`explained_at` is where the usage behind the line is shown, empty where there is none."""

    line: InvoiceLine
    explained_at: str

    @property
    def is_usage(self) -> bool:
        return self.line.kind == Kind.USAGE

    @property
    def has_exact_amount(self) -> bool:
        """Tell what was rounded: the rest was whole cents from the start."""
        return self.line.kind in (Kind.USAGE, Kind.CREDIT)


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of one kind and period."""

    title: str
    start: datetime
    end: datetime
    lines: Sequence[ShownLine]

    @property
    def cents(self) -> int:
        return sum(each.line.amount for each in self.lines)


def sections_of(invoice: Invoice) -> list[Section]:
    slugs = dict(Model.objects.values_list("id", "slug"))
    return list(_sections(invoice, slugs))


def still_due(invoice: Invoice) -> int:
    """Answer the cents that the customer is asked for. The provider may have settled a part from a balance it keeps."""
    return invoice.amount_due if invoice.status in OWED else 0


def _sections(invoice: Invoice, slugs: dict[UUID, str]) -> Iterator[Section]:
    lines = sorted(invoice.lines.all(), key=lambda line: (_section(line), line.period_start, line.position))
    for ((_, title), start, end), group in groupby(lines, key=lambda line: (_section(line), *_period(line))):
        shown = [ShownLine(line, _explained_at(line, slugs)) for line in group]
        late = "Late usage" if _is_late(shown[0].line, invoice) else title
        yield Section(late, start, end, shown)


def _section(line: InvoiceLine) -> tuple[int, str]:
    return SECTIONS[Kind(line.kind)]


def _period(line: InvoiceLine) -> tuple[datetime, datetime]:
    return line.period_start, line.period_end


def _is_late(line: InvoiceLine, invoice: Invoice) -> bool:
    """Tell usage of an earlier period, which was recorded after that period's invoice."""
    return line.kind == Kind.USAGE and invoice.period is not None and line.period_end <= invoice.period.start


def _explained_at(line: InvoiceLine, slugs: dict[UUID, str]) -> str:
    """Lead to the usage page, filtered to the line's period and model."""
    slug = slugs.get(line.model_id) if line.model_id else None
    if line.kind != Kind.USAGE or slug is None:
        return ""
    query = {"start": _zulu(line.period_start), "end": _zulu(line.period_end), "model": slug, "metric": "cost"}
    return f"{reverse('usage')}?{urlencode(query)}"


def _zulu(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
