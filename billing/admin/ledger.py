from typing import Any

from django.contrib import admin
from django.db.models import Sum
from django.http import HttpRequest
from django.urls import URLPattern

from accounts.staff.columns import column
from accounts.staff.dollars import dollars_of_picos
from accounts.staff.pages import ReadOnlyAdmin, ReadOnlyInline
from billing.admin.revenue import revenue_urls
from billing.models import LedgerAccount, LedgerEntry, LedgerTransaction


class EntryInline(ReadOnlyInline):
    model = LedgerEntry
    ordering = ("pk",)
    verbose_name_plural = "entries"
    fields = readonly_fields = ("account", "debit", "credit")
    show_change_link = False
    tab = False

    @column("debit")
    def debit(self, entry: LedgerEntry) -> str:
        return dollars_of_picos(entry.amount) if entry.amount > 0 else ""

    @column("credit")
    def credit(self, entry: LedgerEntry) -> str:
        return dollars_of_picos(-entry.amount) if entry.amount < 0 else ""


@admin.register(LedgerTransaction)
class LedgerTransactionAdmin(ReadOnlyAdmin):
    list_display = ("posted_at", "kind", "organization", "description", "operation_key")
    list_select_related = ("organization",)
    list_filter = ("kind", ("posted_at", admin.DateFieldListFilter))
    search_fields = ("operation_key", "description", "organization__name")
    inlines = [EntryInline]

    def get_urls(self) -> list[URLPattern]:
        return [*revenue_urls(self.admin_site.admin_view), *super().get_urls()]


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnlyAdmin):
    """A debit balance is positive. All balances sum to zero."""

    list_display = ("owner", "kind", "balance")
    list_display_links = ("owner", "kind")
    list_select_related = ("organization",)
    list_filter = ("kind",)
    search_fields = ("organization__name",)
    fields = ("organization", "kind", "currency", "balance")
    readonly_fields = ("balance",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(entered=Sum("entries__amount"))

    @column("of", ordering="organization__name")
    def owner(self, account: LedgerAccount) -> str:
        return str(account.organization or "the house")

    @column("balance", ordering="entered")
    def balance(self, account: Any) -> str:
        return dollars_of_picos(account.entered or 0)
