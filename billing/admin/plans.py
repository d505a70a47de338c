from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.staff.actor import staff_actor
from accounts.staff.columns import column
from accounts.staff.dollars import dollars_of_cents
from accounts.staff.pages import ReadOnlyInline, StaffAdmin
from billing.models import Plan, PlanVersion
from billing.plan_drafts import change_plan, create_plan


class PlanVersionInline(ReadOnlyInline):
    model = PlanVersion
    verbose_name_plural = "versions"
    fields = readonly_fields = ("number", "status", "fee", "credit", "published_at", "stripe_price_id")

    @column("monthly fee")
    def fee(self, version: PlanVersion) -> str:
        return dollars_of_cents(version.monthly_fee)

    @column("included credit")
    def credit(self, version: PlanVersion) -> str:
        return dollars_of_cents(version.included_credit)


@admin.register(Plan)
class PlanAdmin(StaffAdmin):
    list_display = ("name", "slug", "offer", "is_public", "is_default", "position")
    search_fields = ("name", "slug")
    fieldsets = (
        (None, {"fields": ("name", "slug", "summary", "position", "is_public", "is_default")}),
        ("At the provider", {"fields": ("stripe_product_id",)}),
        ("Versions", {"fields": ("new_version",)}),
    )
    readonly_fields = ("stripe_product_id", "new_version")
    prepopulated_fields = {"slug": ("name",)}
    inlines = [PlanVersionInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.readonly_fields, "slug") if obj else self.readonly_fields

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else self.prepopulated_fields

    def save_model(self, request: HttpRequest, obj: Plan, form: Any, change: bool) -> None:
        actor, now = staff_actor(request), timezone.now()
        if change:
            change_plan(obj, form.changed_data, actor=actor, now=now)
        else:
            create_plan(obj, actor=actor, now=now)

    @column("offered")
    def offer(self, plan: Plan) -> str:
        version = plan.versions.filter(status=PlanVersion.Status.PUBLISHED).order_by("-number").first()
        return f"{version}: {dollars_of_cents(version.monthly_fee)} a month" if version else "nothing yet"

    @column("next version")
    def new_version(self, plan: Plan) -> str:
        if plan.created_at is None:
            return "Drafted once the plan is saved."
        draft = plan.versions.filter(status=PlanVersion.Status.DRAFT).first()
        if draft:
            url = reverse("admin:billing_planversion_change", args=[draft.pk])
            return format_html('<a class="text-primary-600" href="{}">Edit the draft…</a>', url)
        url = reverse("admin:billing_planversion_add")
        return format_html('<a class="text-primary-600" href="{}?plan={}">Draft a new version…</a>', url, plan.pk)
