"""The staff page of wallets. Events and rollups have composite keys, which Django's admin cannot show."""

from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, Subquery
from django.http import HttpRequest

from accounts.models import Organization
from accounts.staff.columns import column
from accounts.staff.dollars import dollars_of_picos
from accounts.staff.pages import ReadOnlyAdmin
from usage.models import Wallet

AMOUNTS = ("available_amount", "credit_amount", "spent_amount", "limit")


@admin.register(Wallet)
class WalletAdmin(ReadOnlyAdmin):
    list_display = ("customer", *AMOUNTS, "version")
    ordering = ("organization_id",)
    fields = readonly_fields = ("customer", *AMOUNTS, "version", "currency")

    def get_queryset(self, request: HttpRequest) -> Any:
        names = Organization.objects.filter(pk=OuterRef("organization_id")).values("name")
        return (
            super()
            .get_queryset(request)
            .annotate(customer_name=Subquery(names), left=F("credit") - F("spent") + F("credit_limit"))
        )

    @column("customer", ordering="customer_name")
    def customer(self, wallet: Any) -> Any:
        return wallet.customer_name or wallet.organization_id

    @column("available", ordering="left")
    def available_amount(self, wallet: Wallet) -> str:
        return dollars_of_picos(wallet.available)

    @column("credit", ordering="credit")
    def credit_amount(self, wallet: Wallet) -> str:
        return dollars_of_picos(wallet.credit)

    @column("spent", ordering="spent")
    def spent_amount(self, wallet: Wallet) -> str:
        return dollars_of_picos(wallet.spent)

    @column("credit limit", ordering="credit_limit")
    def limit(self, wallet: Wallet) -> str:
        return dollars_of_picos(wallet.credit_limit)
