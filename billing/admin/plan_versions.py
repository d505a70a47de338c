from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.staff.actor import staff_actor
from accounts.staff.columns import column, status_column
from accounts.staff.dialogs import confirmed
from accounts.staff.dollars import DollarsField, Unit, dollars_of_cents
from accounts.staff.pages import StaffAdmin, StaffForm
from accounts.staff.running import run_on_one
from billing.models import PlanVersion
from billing.plan_drafts import TERMS, change_draft, discard_draft, draft_version
from billing.plans import publish_plan_version

MONEY = ("monthly_fee", "included_credit", "overage_limit")
LIMITS = (
    "requests_per_minute",
    "requests_per_day",
    "input_tokens_per_minute",
    "output_tokens_per_minute",
    "concurrent_requests",
)


class LinesField(forms.CharField):
    """A list of sentences, one a line."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.clean(data) != (initial or []))


class PlanVersionForm(StaffForm):
    monthly_fee = DollarsField(unit=Unit.CENTS)
    included_credit = DollarsField(unit=Unit.CENTS, initial=0, help_text="Usage a month, as a credit grant.")
    overage_limit = DollarsField(
        unit=Unit.CENTS, initial=0, help_text="Usage beyond credit that the next invoice may collect; 0 is prepaid."
    )
    features = LinesField(required=False, help_text="Sentences for the pricing page, one a line.")

    class Meta:
        model = PlanVersion
        fields = ("plan", *TERMS)


@admin.register(PlanVersion)
class PlanVersionAdmin(StaffAdmin):
    """Drafts are edited; what is published is only shown."""

    form = PlanVersionForm
    acting = "billing.change_planversion"
    list_display = ("__str__", "coloured_status", "fee", "credit", "overage", "published_at", "stripe_price_id")
    list_display_links = ("__str__",)
    list_select_related = ("plan",)
    list_filter = ("plan", "status")
    search_fields = ("plan__name", "stripe_price_id")
    fieldsets = (
        (None, {"fields": ("plan", *MONEY)}),
        ("Limits of an organization", {"fields": LIMITS, "description": "Empty is unlimited."}),
        ("Pricing page", {"fields": ("features",)}),
    )
    shown_fieldsets = (
        (None, {"fields": ("plan", "number", "status", "published_at", "stripe_price_id")}),
        ("Terms a month", {"fields": ("fee", "credit", "overage")}),
        ("Limits of an organization", {"fields": LIMITS, "description": "Empty is unlimited."}),
        ("Pricing page", {"fields": ("features",)}),
    )
    readonly_fields = ("number", "status", "published_at", "stripe_price_id", "fee", "credit", "overage")
    actions_detail = ("publish",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin a new draft with the terms on offer, so that one edits what changes."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        published = PlanVersion.objects.filter(status=PlanVersion.Status.PUBLISHED).order_by("-number")
        latest = next((version for version in published if str(version.plan_id) == initial.get("plan")), None)
        return {term: getattr(latest, term) for term in TERMS if latest} | initial

    def get_fieldsets(self, request: HttpRequest, obj: PlanVersion | None = None) -> Any:
        return self.shown_fieldsets if obj and obj.is_published else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: PlanVersion | None = None) -> Any:
        return (*self.readonly_fields, "plan") if obj else self.readonly_fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may: bool = super().has_change_permission(request, obj)
        return may and not (isinstance(obj, PlanVersion) and obj.is_published)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return isinstance(obj, PlanVersion) and self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: PlanVersion, form: Any, change: bool) -> None:
        actor, now = staff_actor(request), timezone.now()
        if change:
            change_draft(obj, actor=actor, now=now)
        else:
            draft_version(obj, actor=actor, now=now)

    def delete_model(self, request: HttpRequest, obj: PlanVersion) -> None:
        discard_draft(obj, actor=staff_actor(request), now=timezone.now())

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        version = self.get_object(request, object_id)
        if version is None or version.is_published:
            return []
        buttons: list[Any] = super().get_actions_detail(request, object_id)
        return buttons

    @confirmed(
        "Publish",
        title="Publish this version?",
        text="It goes to the pricing page and to the payment provider, and never changes again.",
    )
    def publish(self, request: HttpRequest, _form: Any, object_id: str) -> HttpResponse:
        publish = partial(publish_plan_version, actor=staff_actor(request), now=timezone.now())
        return run_on_one(request, self.get_object(request, object_id), publish, done="The version is published.")

    @status_column()
    def coloured_status(self, version: PlanVersion) -> tuple[str, str]:
        return version.status, version.get_status_display()

    @column("monthly fee", ordering="monthly_fee")
    def fee(self, version: PlanVersion) -> str:
        return dollars_of_cents(version.monthly_fee)

    @column("included credit", ordering="included_credit")
    def credit(self, version: PlanVersion) -> str:
        return dollars_of_cents(version.included_credit)

    @column("overage limit", ordering="overage_limit")
    def overage(self, version: PlanVersion) -> str:
        return dollars_of_cents(version.overage_limit)
