"""What was said to and by the payment provider, read-only."""

from django.contrib import admin

from accounts.staff.columns import column, status_column
from accounts.staff.dollars import dollars_of_cents
from accounts.staff.pages import ReadOnlyAdmin
from billing.models import Checkout, ProviderCall, WebhookEvent


@admin.register(Checkout)
class CheckoutAdmin(ReadOnlyAdmin):
    list_display = ("organization", "kind", "plan_version", "price", "coloured_status", "created_at", "completed_at")
    list_select_related = ("organization", "plan_version__plan")
    list_filter = ("kind", "status")
    search_fields = ("organization__name", "stripe_session_id")

    @column("amount", ordering="amount")
    def price(self, checkout: Checkout) -> str:
        return dollars_of_cents(checkout.amount)

    @status_column()
    def coloured_status(self, checkout: Checkout) -> tuple[str, str]:
        return checkout.status, checkout.get_status_display()


@admin.register(ProviderCall)
class ProviderCallAdmin(ReadOnlyAdmin):
    list_display = ("operation", "subject", "attempt", "coloured_status", "provider_id", "created_at", "finished_at")
    list_filter = ("status", "operation")
    search_fields = ("subject", "provider_id", "idempotency_key")

    @status_column()
    def coloured_status(self, call: ProviderCall) -> tuple[str, str]:
        return call.status, call.get_status_display()


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    list_display = ("id", "type", "object_id", "attempts", "is_processed", "created_at", "received_at", "processed_at")
    list_filter = ("type", ("processed_at", admin.EmptyFieldListFilter))
    search_fields = ("id", "object_id", "type")

    @admin.display(description="processed", boolean=True)
    def is_processed(self, event: WebhookEvent) -> bool:
        return event.processed_at is not None
