"""Invoices: the list, one as a page, and one as a document."""

from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from billing.documents import invoice_pdf
from billing.models import Invoice, InvoiceLine
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.invoice_lines import sections_of, still_due
from portal.invoice_parties import buyer_of, seller_of

PER_PAGE = 25


@require_safe
@member
def invoice_list(request: MemberRequest) -> HttpResponse:
    actor_of(request).require(Permission.VIEW_BILLING, request.organization)
    invoices = Invoice.objects.filter(organization=request.organization).select_related("period")
    page = Paginator(invoices, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "invoices/index.html", {"page": page})


@require_safe
@member
def invoice_page(request: MemberRequest, invoice_id: UUID) -> HttpResponse:
    invoice = _invoice_of(request, invoice_id)
    context = {
        "invoice": invoice,
        "seller": seller_of(invoice),
        "buyer": buyer_of(invoice),
        "sections": sections_of(invoice),
        "due": still_due(invoice),
    }
    return render(request, "invoices/invoice.html", context)


@require_safe
@member
def invoice_document(request: MemberRequest, invoice_id: UUID) -> HttpResponse:
    """Answer the PDF. An issued invoice never changes but for its payment, so that browsers may ask whether it did."""
    invoice = _invoice_of(request, invoice_id)
    if invoice.number is None:
        raise Http404("A draft has no document yet.")
    tag = f'"{invoice.hash[:16]}-{invoice.status}-{invoice.amount_paid}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers=headers)
    headers["Content-Disposition"] = f'inline; filename="{invoice.number}.pdf"'
    return HttpResponse(invoice_pdf(invoice), content_type="application/pdf", headers=headers)


def _invoice_of(request: MemberRequest, invoice_id: UUID) -> Invoice:
    """Answer the organization's invoice with its lines; another organization's is not found."""
    actor_of(request).require(Permission.VIEW_BILLING, request.organization)
    lines = Prefetch("lines", InvoiceLine.objects.order_by("position"))
    invoices = Invoice.objects.select_related("period", "organization").prefetch_related(lines)
    invoice = invoices.filter(organization=request.organization, pk=invoice_id).first()
    if invoice is None:
        raise Http404
    return invoice
