from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Case, Exists, OuterRef, When
from django.http import HttpRequest
from django.utils import timezone

from accounts.staff.actor import staff_actor
from accounts.staff.columns import column, status_column
from accounts.staff.dollars import dollars_of_micros
from accounts.staff.pages import ReadOnlyInline, StaffAdmin
from catalog.admin.price_form import PRICE_FIELDS, TIER_FIELDS, PriceVersionForm
from catalog.models import Price, PriceVersion
from catalog.price_book import publish_prices, withdraw_prices
from core.service_tier import ServiceTier
from core.usage import TokenClass


class PriceInline(ReadOnlyInline):
    model = Price
    ordering = ("pk",)
    fields = readonly_fields = ("service_tier", "token_class", "per_million", "context_from")
    show_change_link = False
    tab = False
    hide_title = True

    @column("per million")
    def per_million(self, price: Price) -> str:
        return dollars_of_micros(price.micros_per_million)


@admin.register(PriceVersion)
class PriceVersionAdmin(StaffAdmin):
    """Prices are changed by adding a later version. What is published is only shown; what hasn't begun may go."""

    form = PriceVersionForm
    list_display = ("model", "customer", "valid_from", "state", "summary", "other_tiers", "note")
    list_filter = ("model",)
    list_select_related = ("model", "organization")
    search_fields = ("model__slug", "organization__name", "note")
    ordering = ("model", "-valid_from")
    autocomplete_fields = ("organization",)
    add_fieldsets = (
        (None, {"fields": ("model", "organization", "valid_from", "note")}),
        ("Prices in dollars per million", {"fields": PRICE_FIELDS}),
        *(
            (
                f"Service tier {tier}, in dollars per million",
                {"fields": fields, "classes": ("collapse",), "description": "Left empty, the tier is not sold."},
            )
            for tier, fields in TIER_FIELDS.items()
        ),
    )
    fieldsets = ((None, {"fields": ("model", "organization", "valid_from", "state", "note", "published_at")}),)
    readonly_fields = ("state", "published_at")
    inlines = [PriceInline]

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_state(super().get_queryset(request), at=timezone.now()).prefetch_related("prices")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PriceVersion | None = None) -> bool:
        """What has not begun may be withdrawn."""
        may = self.has_add_permission(request)
        return bool(may and obj is not None and obj.valid_from > timezone.now())

    def save_model(self, request: HttpRequest, obj: PriceVersion, form: Any, change: bool) -> None:
        version = publish_prices(
            obj.model,
            form.prices,
            tiers=form.tiers,
            valid_from=obj.valid_from,
            actor=staff_actor(request),
            now=form.now,
            organization=obj.organization,
            note=obj.note,
        )
        obj.pk = version.pk
        obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: PriceVersion) -> None:
        withdraw_prices(obj, actor=staff_actor(request), now=timezone.now())

    @column("customer", ordering="organization__name")
    def customer(self, version: PriceVersion) -> str:
        return str(version.organization or "list price")

    @status_column("state", ordering=None)
    def state(self, version: Any) -> str:
        if version.valid_from > timezone.now():
            return "scheduled"
        return "replaced" if version.is_replaced else "in force"

    @column("input / output, per million")
    def summary(self, version: PriceVersion) -> str:
        prices = version.tables.get(ServiceTier.STANDARD, {})
        return " / ".join(
            dollars_of_micros(prices[each]) if each in prices else "–" for each in (TokenClass.INPUT, TokenClass.OUTPUT)
        )

    @column("other service tiers")
    def other_tiers(self, version: PriceVersion) -> str:
        return ", ".join(tier for tier in version.tables if tier is not ServiceTier.STANDARD) or "–"


def with_state(versions: Any, *, at: datetime) -> Any:
    """Add `is_replaced`: whether a later version of the same model and contract has begun."""
    later = PriceVersion.objects.in_force(at).filter(
        model=OuterRef("model"), currency=OuterRef("currency"), valid_from__gt=OuterRef("valid_from")
    )
    of_contract = Exists(later.filter(organization=OuterRef("organization")))
    of_list = Exists(later.filter(organization=None))
    return versions.annotate(is_replaced=Case(When(organization=None, then=of_list), default=of_contract))
