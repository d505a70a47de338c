"""Cancelling a subscription and taking that back: each a page that asks, and a POST to the same address."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from billing.terms import default_terms
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.billing_overview import live_subscription
from portal.subscription_changes import SubscriptionChange


@require_http_methods(["GET", "HEAD", "POST"])
@member
def subscription_change(request: MemberRequest, change: SubscriptionChange) -> HttpResponse:
    """Ask; a post does it. Where there is nothing to change, the billing page says how things stand."""
    actor = actor_of(request)
    actor.require(Permission.MANAGE_BILLING, request.organization)
    if request.method == "POST":
        changed = change.act(request.organization, actor=actor, now=timezone.now())
        messages.success(request, f"{changed.plan_version.plan} {change.done}")
        return redirect("billing")
    subscription = live_subscription(request.organization)
    if subscription is None or bool(subscription.cancel_at) == change.ends:
        return redirect("billing")
    context = {"subscription": subscription, "change": change, "afterwards": default_terms()}
    return render(request, "billing/subscription_change.html", context)
