from django.contrib import admin

from accounts.staff.columns import status_column
from accounts.staff.pages import ReadOnlyAdmin
from billing.models import Subscription


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("organization", "plan_version", "coloured_status", "current_period_end", "started_at", "ended_at")
    list_select_related = ("organization", "plan_version__plan")
    list_filter = ("status", "plan_version__plan")
    search_fields = ("organization__name", "stripe_subscription_id")
    fieldsets = (
        (None, {"fields": ("organization", "plan_version", "status")}),
        ("Period", {"fields": ("started_at", "current_period_start", "current_period_end")}),
        ("End", {"fields": ("cancel_at", "canceled_at", "ended_at")}),
        ("At the provider", {"fields": ("stripe_subscription_id", "stripe_item_id")}),
    )

    @status_column()
    def coloured_status(self, subscription: Subscription) -> tuple[str, str]:
        return subscription.status, subscription.get_status_display()
