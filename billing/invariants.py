"""What the books promise, one rule each. A rule finds what breaks it; a promise that holds finds nothing.

Each query is one statement, which sees one state of the database: it may run while money moves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from django.db import connection
from django.db.models.functions import Length

from billing.invariant_queries import QUERIES
from billing.models import Invoice
from billing.numbering import chained_hash


class Rule(Protocol):
    @property
    def name(self) -> str: ...

    def violations(self) -> Iterator[str]: ...


@dataclass(frozen=True, slots=True)
class SqlRule:
    """`sql` answers a row (subject, expected, found) for each violation."""

    name: str
    sql: str

    def violations(self) -> Iterator[str]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql)
            for subject, expected, found in cursor.fetchall():
                yield f"{subject}: expected {expected}, found {found}"


@dataclass(frozen=True, slots=True)
class ChainRule:
    """Hashes are computed anew from what the invoices say today."""

    name: str = "No issued invoice was changed: the hash chain holds"

    def violations(self) -> Iterator[str]:
        issued = Invoice.objects.exclude(number=None).order_by("legal_entity", Length("number"), "number")
        for _, chain in groupby(issued.iterator(chunk_size=500), key=lambda invoice: invoice.legal_entity):
            previous = ""
            for invoice in chain:
                expected = chained_hash(invoice, previous)
                if invoice.hash != expected:
                    yield f"{invoice}: expected {expected}, found {invoice.hash}"
                previous = invoice.hash


RULES: tuple[Rule, ...] = (*(SqlRule(name, sql) for name, sql in QUERIES.items()), ChainRule())
