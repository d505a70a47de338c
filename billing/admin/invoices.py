from django.contrib import admin

from accounts.staff.columns import column, status_column
from accounts.staff.dollars import dollars_of_cents, dollars_of_picos
from accounts.staff.pages import ReadOnlyAdmin, ReadOnlyInline
from billing.admin.problems import HasProblem, ShowsProblem
from billing.models import Invoice, InvoiceLine


class InvoiceLineInline(ReadOnlyInline):
    model = InvoiceLine
    ordering = ("position",)
    verbose_name_plural = "lines"
    fields = readonly_fields = ("position", "kind", "description", "quantity", "exact", "charged")
    show_change_link = False
    tab = False
    per_page = 50

    @column("exact")
    def exact(self, line: InvoiceLine) -> str:
        return dollars_of_picos(line.exact_amount)

    @column("amount")
    def charged(self, line: InvoiceLine) -> str:
        return dollars_of_cents(line.amount)


@admin.register(Invoice)
class InvoiceAdmin(ShowsProblem, ReadOnlyAdmin):
    list_display = (
        "__str__",
        "organization",
        "reason",
        "coloured_status",
        "problem_in_red",
        "total_charged",
        "paid",
        "issued_at",
        "paid_at",
    )
    list_select_related = ("organization",)
    list_filter = (HasProblem, "status", "reason", ("issued_at", admin.DateFieldListFilter))
    search_fields = ("number", "stripe_invoice_id", "organization__name")
    fieldsets = (
        (None, {"fields": ("number", "organization", "status", "reason", "subscription", "period", "problem_in_red")}),
        ("Amounts", {"fields": ("net", "tax_charged", "total_charged", "paid", "currency")}),
        ("Life", {"fields": ("created_at", "lines_attached_at", "issued_at", "paid_at", "last_payment_error")}),
        ("Proof", {"fields": ("legal_entity", "hash", "stripe_invoice_id", "hosted_url")}),
    )
    readonly_fields = ("problem_in_red", "net", "tax_charged", "total_charged", "paid")
    inlines = [InvoiceLineInline]

    @status_column()
    def coloured_status(self, invoice: Invoice) -> tuple[str, str]:
        return invoice.status, invoice.get_status_display()

    @column("subtotal")
    def net(self, invoice: Invoice) -> str:
        return dollars_of_cents(invoice.subtotal)

    @column("tax")
    def tax_charged(self, invoice: Invoice) -> str:
        return dollars_of_cents(invoice.tax)

    @column("total", ordering="total")
    def total_charged(self, invoice: Invoice) -> str:
        return dollars_of_cents(invoice.total)

    @column("paid", ordering="amount_paid")
    def paid(self, invoice: Invoice) -> str:
        return dollars_of_cents(invoice.amount_paid)
