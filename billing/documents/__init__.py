"""Documents made of issued invoices."""

from billing.documents.invoice_pdf import invoice_pdf

__all__ = ["invoice_pdf"]
