"""The customer's page: who they are, what they may spend, and everything that belongs to them."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import Membership, Organization, Project
from accounts.staff.actor import staff_actor
from accounts.staff.columns import column, status_column
from accounts.staff.dialogs import ReasonForm, confirmed
from accounts.staff.dollars import dollars_of_cents, dollars_of_picos
from accounts.staff.pages import ReadOnlyAdmin, ReadOnlyInline
from accounts.staff.running import run_on_one
from accounts.suspend import restore_organization, suspend_organization
from billing.admin.figures import with_figures
from billing.allowance import publish_organization
from billing.models import CreditGrant, Invoice, Subscription
from keys.models import ApiKey

OFFERED = {Organization.Status.ACTIVE: "suspend", Organization.Status.SUSPENDED: "restore"}
PROVIDER = ("stripe_customer", "test_clock")


class MemberInline(ReadOnlyInline):
    model = Membership
    verbose_name_plural = "members"
    fields = readonly_fields = ("user", "role", "created_at")
    show_change_link = False


class ProjectInline(ReadOnlyInline):
    model = Project
    fields = readonly_fields = ("name", "created_at", "archived_at")


class ApiKeyInline(ReadOnlyInline):
    model = ApiKey
    fields = readonly_fields = ("name", "prefix", "project", "status", "created_at", "expires_at")


class SubscriptionInline(ReadOnlyInline):
    model = Subscription
    fields = readonly_fields = ("plan_version", "status", "current_period_end", "stripe_subscription_id")


class GrantInline(ReadOnlyInline):
    model = CreditGrant
    verbose_name_plural = "credit"
    fields = readonly_fields = ("kind", "granted", "left", "reason", "expires_at", "created_at")

    @column("granted")
    def granted(self, grant: CreditGrant) -> str:
        return dollars_of_picos(grant.amount)

    @column("remaining")
    def left(self, grant: CreditGrant) -> str:
        return dollars_of_picos(grant.remaining)


class InvoiceInline(ReadOnlyInline):
    model = Invoice
    fields = readonly_fields = ("number", "status", "charged", "issued_at", "paid_at")

    @column("total")
    def charged(self, invoice: Invoice) -> str:
        return dollars_of_cents(invoice.total)


@admin.register(Organization)
class CustomerAdmin(ReadOnlyAdmin):
    acting = "accounts.change_organization"
    list_display = ("name", "coloured_status", "plan", "available", "spent", "billing_email", "created_at")
    list_filter = ("status",)
    search_fields = ("name", "billing_email", "memberships__user__email")
    ordering = ("-created_at",)
    fieldsets = (
        (None, {"fields": ("name", "status", "billing_email", "time_zone", "created_at")}),
        ("Wallet", {"fields": ("plan", "available", "credit", "spent", "credit_limit")}),
        ("At the provider", {"fields": PROVIDER}),
    )
    readonly_fields = ("plan", "available", "credit", "spent", "credit_limit", *PROVIDER)
    inlines = [
        MemberInline,
        ProjectInline,
        ApiKeyInline,
        SubscriptionInline,
        GrantInline,
        InvoiceInline,
    ]
    actions_detail = ("suspend", "restore")

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_figures(super().get_queryset(request))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        organization = self.get_object(request, object_id)
        offered = OFFERED[Organization.Status(organization.status)] if organization else ""
        return [button for button in super().get_actions_detail(request, object_id) if button.path == offered]

    @confirmed(
        "Suspend",
        title="Suspend this customer?",
        text="All its API keys are refused at once, until it is restored.",
        form=ReasonForm,
        danger=True,
    )
    def suspend(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        return self._change(request, suspend_organization, form, object_id, done="The customer is suspended.")

    @confirmed(
        "Restore",
        title="Restore this customer?",
        text="Its API keys are accepted again.",
        form=ReasonForm,
    )
    def restore(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        return self._change(request, restore_organization, form, object_id, done="The customer is restored.")

    def _change(
        self, request: HttpRequest, change: Any, form: ReasonForm, object_id: str, *, done: str
    ) -> HttpResponse:
        action = partial(
            change,
            reason=form.cleaned_data["reason"],
            publish=publish_organization,
            actor=staff_actor(request),
            now=timezone.now(),
        )
        return run_on_one(request, self.get_object(request, object_id), action, done=done)

    @status_column()
    def coloured_status(self, organization: Organization) -> tuple[str, str]:
        return organization.status, organization.get_status_display()

    @column("plan", ordering="plan_name")
    def plan(self, organization: Any) -> str:
        return organization.plan_name or "none"

    @column("available", ordering="wallet_available")
    def available(self, organization: Any) -> str:
        return dollars_of_picos(organization.wallet_available or 0)

    @column("credit")
    def credit(self, organization: Any) -> str:
        return dollars_of_picos(organization.wallet_credit or 0)

    @column("spent", ordering="wallet_spent")
    def spent(self, organization: Any) -> str:
        return dollars_of_picos(organization.wallet_spent or 0)

    @column("credit limit")
    def credit_limit(self, organization: Any) -> str:
        return dollars_of_picos(organization.wallet_limit or 0)

    @column("customer")
    def stripe_customer(self, organization: Any) -> str:
        return organization.customer_id or "–"

    @column("test clock")
    def test_clock(self, organization: Any) -> str:
        return organization.clock_id or "–"
