"""The staff site's first page: today's figures, counted when it is opened."""

from datetime import timedelta
from typing import Any

from django.db.models import F, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Organization
from accounts.staff.dollars import dollars_of_cents, dollars_of_picos
from billing.models import BillingPeriod, Invoice, Promise, Subscription, WebhookEvent
from usage.models import UsageRollup

Figure = dict[str, str]


def with_figures_of_today(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the page's context what the template shows; unfold calls this by name."""
    context["title"] = "Overview"
    if not request.user.has_perm("accounts.view_organization"):
        return context
    figures = [_customers(), _subscriptions(), *_usage(), _unpaid(), *_problems(), _webhooks(), _proof()]
    return context | {
        "figures": figures,
        "audit": _audit() if request.user.has_perm("accounts.view_auditentry") else None,
    }


def _customers() -> Figure:
    suspended = Organization.objects.filter(status=Organization.Status.SUSPENDED).count()
    return _figure("Customers", f"{Organization.objects.count():,}", f"{suspended} suspended", "accounts_organization")


def _subscriptions() -> Figure:
    live = Subscription.objects.filter(status__in=Subscription.IN_SERVICE)
    monthly = live.aggregate(cents=Sum("plan_version__monthly_fee"))["cents"] or 0
    return _figure("Subscriptions", f"{live.count():,}", f"{dollars_of_cents(monthly)} a month", "billing_subscription")


def _usage() -> list[Figure]:
    """Tokens and what they cost in the last 24 full hours and the present one."""
    since = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=24)
    sums = UsageRollup.objects.filter(hour__gte=since).aggregate(
        calls=Sum("events"),
        tokens=Sum(F("input") + F("cache_read") + F("output") + F("reasoning")),
        amount=Sum("amount"),
    )
    calls, tokens, amount = (sums[name] or 0 for name in ("calls", "tokens", "amount"))
    return [
        _figure("Tokens, 24 hours", f"{tokens:,}", f"{calls:,} calls", "usage_wallet"),
        _figure("Usage, 24 hours", dollars_of_picos(amount), "at the prices charged", "usage_wallet"),
    ]


def _unpaid() -> Figure:
    unpaid = Invoice.objects.filter(status__in=[Invoice.Status.OPEN, Invoice.Status.PARTIALLY_PAID])
    due = unpaid.aggregate(cents=Sum(F("total") - F("amount_paid")))["cents"] or 0
    return _figure("Invoices to be paid", f"{unpaid.count():,}", f"{dollars_of_cents(due)} due", "billing_invoice")


def _problems() -> list[Figure]:
    """Periods that could not be closed and invoices that could not be issued, each leading to the list of them."""
    tables = (
        (BillingPeriod, "Periods with a problem", "could not be closed", "billing_billingperiod"),
        (Invoice, "Invoices with a problem", "could not be issued", "billing_invoice"),
    )
    return [
        _figure(title, f"{table.objects.exclude(problem='').count():,}", note, name, query="?problem=yes")
        for table, title, note, name in tables
    ]


def _webhooks() -> Figure:
    waiting = WebhookEvent.objects.filter(processed_at=None)
    failing = waiting.exclude(error="").count()
    return _figure("Webhook events waiting", f"{waiting.count():,}", f"{failing} failing", "billing_webhookevent")


def _proof() -> Figure:
    broken = Promise.objects.exclude(broken_since=None).count()
    last = Promise.objects.order_by("checked_at").first()
    note = f"checked {last.checked_at:%Y-%m-%d %H:%M} UTC" if last else "not checked yet"
    return _figure("Broken promises of the books", f"{broken:,}", note, "billing_promise")


def _figure(title: str, value: str, note: str, model: str, *, query: str = "") -> Figure:
    return {"title": title, "value": value, "note": note, "url": reverse(f"admin:{model}_changelist") + query}


def _audit() -> dict[str, Any]:
    entries = AuditEntry.objects.select_related("organization")[:10]
    return {
        "headers": ["When (UTC)", "Who", "What", "Object", "Customer"],
        "rows": [
            [
                f"{entry.at:%Y-%m-%d %H:%M}",
                entry.actor,
                entry.action,
                entry.object_name,
                str(entry.organization or "–"),
            ]
            for entry in entries
        ],
    }
