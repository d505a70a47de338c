"""Buying a plan or credit: on to the provider's page, and back from it."""

from contextlib import suppress

from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts.permissions import Permission
from billing.models import Checkout, PlanVersion
from billing.payments.calls import ProviderUnavailable
from billing.payments.checkout import AlreadySubscribed, start_credit_checkout, start_subscription_checkout
from billing.payments.checkout_completion import finish_checkout
from billing.payments.locks import Busy
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.catalogue import offers
from portal.forms.credit import CreditForm


@require_http_methods(["GET", "POST"])
@member
def subscribe(request: MemberRequest, slug: str) -> HttpResponse:
    """Show what is about to be bought; a post leads to the provider's page, where it is paid."""
    actor = actor_of(request)
    actor.require(Permission.MANAGE_BILLING, request.organization)
    version = _terms_on_offer(slug)
    if request.method != "POST":
        return render(request, "billing/subscribe.html", {"version": version})
    try:
        url = start_subscription_checkout(request.organization, version, actor=actor, now=timezone.now())
    except AlreadySubscribed as refusal:
        return render(
            request, "billing/subscribe.html", {"version": version, "refusal": refusal}, status=refusal.status
        )
    return see_other(url)


@require_http_methods(["GET", "POST"])
@member
def buy_credit(request: MemberRequest) -> HttpResponse:
    actor = actor_of(request)
    actor.require(Permission.MANAGE_BILLING, request.organization)
    form = CreditForm(request.POST or None)
    if request.method != "POST":
        return render(request, "billing/credit.html", {"form": form})
    if not form.is_valid():
        return render(request, "billing/credit.html", {"form": form}, status=422)
    return see_other(start_credit_checkout(request.organization, form.cents, actor=actor, now=timezone.now()))


@require_GET
@member
def checkout_done(request: MemberRequest) -> HttpResponse:
    """Where the provider sends the customer back to. Whichever is first, this page or the webhook, does the rest."""
    actor_of(request).require(Permission.VIEW_BILLING, request.organization)
    # PostgreSQL can't be asked about a NUL, and no id has one.
    session_id = request.GET.get("session", "").replace("\0", "")
    checkout = _finished(request, session_id)
    context = {"checkout": checkout, "session_id": session_id}
    template = "billing/checkout.html#progress" if request.GET.get("part") == "progress" else "billing/checkout.html"
    return render(request, template, context)


@require_safe
@member
def checkout_canceled(request: MemberRequest) -> HttpResponse:
    actor_of(request).require(Permission.VIEW_BILLING, request.organization)
    return render(request, "billing/checkout_canceled.html")


def see_other(url: str) -> HttpResponse:
    """Lead on to the provider's page, whose address the provider has just given."""
    return HttpResponseRedirect(url, status=303) if url else redirect("billing")


def _terms_on_offer(slug: str) -> PlanVersion:
    """Answer the terms of a public plan that has a fee."""
    found = next((offer.terms for offer in offers() if offer.plan.slug == slug and offer.terms.monthly_fee), None)
    if found is None:
        raise Http404
    return found


def _finished(request: MemberRequest, session_id: str) -> Checkout:
    """Bring the organization's own attempt to buy up to date, or as far as the provider answers."""
    mine = Checkout.objects.filter(organization=request.organization)
    # A crash may have lost the session's id; then the provider knows which attempt it belongs to.
    if not session_id or not mine.filter(Q(stripe_session_id=session_id) | Q(stripe_session_id=None)).exists():
        raise Http404
    # A webhook may be about it at this moment: the page asks again.
    with suppress(ProviderUnavailable, Busy):
        finish_checkout(session_id, now=timezone.now())
    checkout = mine.filter(stripe_session_id=session_id).select_related("plan_version__plan").first()
    if checkout is None:
        raise Http404
    return checkout
