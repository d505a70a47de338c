"""The invoice as a PDF: typeset by Typst from a template, with the fonts that Typst brings along."""

import json
from functools import cache
from pathlib import Path

import typst

from billing.documents.invoice_content import content_of
from billing.models import Invoice
from core.errors import Conflict

TEMPLATE = Path(__file__).with_name("invoice.typ")


class DraftHasNoDocument(Conflict):
    code = "draft_has_no_document"
    title = "A draft has no document yet"


def invoice_pdf(invoice: Invoice) -> bytes:
    """Answer the document; the same bytes as long as nothing changed, which can only be payment and status.

    Raises DraftHasNoDocument.
    """
    if invoice.number is None or invoice.issued_at is None:
        raise DraftHasNoDocument
    pdf = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"invoice": json.dumps(content_of(invoice))},
        timestamp=int(invoice.issued_at.timestamp()),
    )
    assert isinstance(pdf, bytes)
    return pdf


@cache
def _fonts() -> typst.Fonts:
    """Look for fonts once a process: this machine's serve names that Typst's own have no letters for."""
    return typst.Fonts()
