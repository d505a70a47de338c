from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import Organization
from accounts.staff.actor import staff_actor
from accounts.staff.columns import column, status_column
from accounts.staff.dollars import DollarsField, Unit, dollars_of_picos
from accounts.staff.pages import ReadOnlyInline, StaffAdmin, StaffForm
from billing.credits import grant_credit
from billing.models import CreditConsumption, CreditGrant
from usage.models import Wallet


class CreditGrantForm(StaffForm):
    """`ticket` names the operation: a form that is sent twice grants once."""

    amount = DollarsField(unit=Unit.PICOS)
    reason = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget, help_text="The customer sees it.")
    ticket = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    class Meta:
        model = CreditGrant
        fields = ("organization", "amount", "reason", "expires_at", "priority")

    def clean_organization(self) -> Organization:
        organization: Organization = self.cleaned_data["organization"]
        if not Wallet.objects.filter(organization_id=organization.pk).exists():
            raise ValidationError("This customer has no account yet: it is opened at sign-up.", code="no_account")
        return organization

    def clean_amount(self) -> int:
        amount: int = self.cleaned_data["amount"]
        if amount == 0:
            raise ValidationError("A grant is more than $0.", code="nothing")
        return amount

    @property
    def operation_key(self) -> str:
        return f"staff:{self.cleaned_data['ticket']}"


class ConsumptionInline(ReadOnlyInline):
    model = CreditConsumption
    verbose_name_plural = "burnt by"
    fields = readonly_fields = ("run", "burnt", "invoice_line")
    show_change_link = False

    @column("amount")
    def burnt(self, consumption: CreditConsumption) -> str:
        return dollars_of_picos(consumption.amount)


@admin.register(CreditGrant)
class CreditGrantAdmin(StaffAdmin):
    """What staff give is promotional; paid credit comes from a purchase, plan credit from a subscription."""

    form = CreditGrantForm
    list_display = (
        "organization",
        "coloured_kind",
        "granted",
        "left",
        "reason",
        "expires_at",
        "created_by",
        "created_at",
    )
    list_display_links = ("reason",)
    list_select_related = ("organization", "created_by")
    list_filter = ("kind", ("created_at", admin.DateFieldListFilter))
    search_fields = ("organization__name", "reason", "operation_key")
    autocomplete_fields = ("organization",)
    add_fieldsets = ((None, {"fields": ("organization", "amount", "reason", "expires_at", "priority", "ticket")}),)
    fieldsets = (
        (None, {"fields": ("organization", "kind", "granted", "left", "reason")}),
        ("Life", {"fields": ("priority", "created_by", "created_at", "expires_at", "expired_at", "operation_key")}),
    )
    readonly_fields = ("granted", "left", "created_by", "created_at", "expired_at", "operation_key")
    inlines = [ConsumptionInline]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: CreditGrant, form: Any, change: bool) -> None:
        grant = grant_credit(
            obj.organization,
            kind=CreditGrant.Kind.PROMOTIONAL,
            amount=form.cleaned_data["amount"],
            reason=obj.reason,
            operation_key=form.operation_key,
            actor=staff_actor(request),
            now=timezone.now(),
            expires_at=obj.expires_at,
            priority=obj.priority,
        )
        obj.pk = grant.pk
        obj.refresh_from_db()

    @status_column("kind", ordering="kind")
    def coloured_kind(self, grant: CreditGrant) -> tuple[str, str]:
        return grant.kind, grant.get_kind_display()

    @column("granted", ordering="amount")
    def granted(self, grant: CreditGrant) -> str:
        return dollars_of_picos(grant.amount)

    @column("remaining", ordering="remaining")
    def left(self, grant: CreditGrant) -> str:
        return dollars_of_picos(grant.remaining)
