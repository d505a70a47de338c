from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Subquery, URLField
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.staff.actor import staff_actor
from accounts.staff.columns import column, status_column
from accounts.staff.dollars import dollars_of_micros
from accounts.staff.pages import ReadOnlyInline, StaffAdmin
from catalog.admin.upstreams import UpstreamInline, save_upstreams
from catalog.edit_model import add_model, change_model
from catalog.models import Model, Price, PriceVersion, Upstream
from core.usage import TokenClass


class PriceVersionInline(ReadOnlyInline):
    model = PriceVersion
    verbose_name_plural = "price versions"
    fields = readonly_fields = ("valid_from", "organization", "note", "published_at")
    ordering = ("-valid_from",)


@admin.register(Model)
class ModelAdmin(StaffAdmin):
    list_display = ("slug", "name", "kind", "coloured_stage", "is_paused", "is_hidden", "input_price", "output_price")
    list_filter = ("stage", "kind", "is_paused")
    search_fields = ("slug", "name", "owned_by")
    fieldsets = (
        (None, {"fields": ("slug", "name", "kind", "owned_by", "summary", "position")}),
        ("Offer", {"fields": ("stage", "retires_at", "is_paused", "is_hidden", "new_prices")}),
        ("Serving", {"fields": ("context_window", "max_output_tokens")}),
        ("Open weights", {"fields": ("licence", "download_url")}),
    )
    inlines = [UpstreamInline, PriceVersionInline]
    formfield_overrides = {URLField: {"assume_scheme": "https"}}

    def get_queryset(self, request: HttpRequest) -> Any:
        versions = PriceVersion.objects.in_force(timezone.now()).filter(model=OuterRef("pk"), organization=None)
        models = super().get_queryset(request)
        return models.annotate(list_version=versions.order_by("-valid_from").values("pk")[:1]).annotate(
            input_micros=_price_now(TokenClass.INPUT), output_micros=_price_now(TokenClass.OUTPUT)
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("slug", "new_prices") if obj else ("new_prices",)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        actor, now = staff_actor(request), timezone.now()
        if change:
            change_model(obj, form.changed_data, actor=actor, now=now)
        else:
            add_model(obj, actor=actor, now=now)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is Upstream:
            save_upstreams(formset, actor=staff_actor(request), now=timezone.now())
        else:
            super().save_formset(request, form, formset, change)

    @status_column("stage", ordering="stage")
    def coloured_stage(self, model: Model) -> tuple[str, str]:
        return model.stage, model.get_stage_display()

    @column("input, per million")
    def input_price(self, model: Any) -> str:
        return _shown(model.input_micros)

    @column("output, per million")
    def output_price(self, model: Any) -> str:
        return _shown(model.output_micros)

    @column("prices")
    def new_prices(self, model: Model) -> str:
        if model.created_at is None:
            return "Published once the model is saved."
        url = reverse("admin:catalog_priceversion_add")
        return format_html('<a class="text-primary-600" href="{}?model={}">Publish new prices…</a>', url, model.pk)


def _price_now(token_class: TokenClass) -> Subquery:
    """The list price in force; a class that the version in force leaves out has none."""
    prices = Price.objects.filter(version=OuterRef("list_version"), token_class=token_class, service_tier="standard")
    # The default order would join the models' table, whose name inside must stay free for the row outside.
    return Subquery(prices.order_by("context_from").values("micros_per_million")[:1])


def _shown(micros: int | None) -> str:
    return "–" if micros is None else dollars_of_micros(micros)
