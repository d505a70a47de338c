from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from billing.payments.guard import PaymentSettings
from billing.payments.price_push import push_plans
from billing.payments.webhook_endpoint import can_be_reached, ensure_endpoint


class Command(BaseCommand):
    help = "Bring plans and the webhook endpoint to Stripe or its sandbox. Again, it changes nothing."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not PaymentSettings.current().is_configured:
            self.stdout.write("STRIPE_SECRET_KEY is not set: nothing can be bought.")
            return
        pushed = push_plans(now=timezone.now())
        self.stdout.write(f"Plans: {len(pushed)} new at {settings.STRIPE_SANDBOX_URL or 'Stripe'}.")
        self.stdout.write(self._webhooks())

    def _webhooks(self) -> str:
        if settings.STRIPE_WEBHOOK_SECRET:
            return "Webhooks: verified with STRIPE_WEBHOOK_SECRET."
        if not can_be_reached():
            return (
                f"Webhooks: Stripe can't reach {settings.PORTAL_URL}. Run "
                f"`stripe listen --latest --forward-to {settings.PORTAL_URL}/webhooks/stripe/` and set "
                "STRIPE_WEBHOOK_SECRET to what it prints."
            )
        return f"Webhooks: {ensure_endpoint().url}"
