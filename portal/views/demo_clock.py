"""The demo's button that lets time pass at the payment provider, up to the next paid invoice."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import Organization
from accounts.permissions import Permission
from billing.models import Invoice
from billing.payments import demo_clock
from billing.tasks import advance_demo_clock
from portal.access import MemberRequest, member
from portal.actor import actor_of

STEPS = (demo_clock.Step.TO_PERIOD_END, demo_clock.Step.CLOSING, demo_clock.Step.COLLECTING)


@require_http_methods(["GET", "POST"])
@member
def clock_page(request: MemberRequest) -> HttpResponse:
    """Show how far the clock is; a post begins to advance it, which a worker then does."""
    if not settings.DEMO:
        raise Http404
    actor_of(request).require(Permission.MANAGE_BILLING, request.organization)
    if request.method == "POST":
        demo_clock.advance(request.organization, now=timezone.now())
        advance_demo_clock.delay(str(request.organization.pk))
        return redirect("demo_clock")
    template = "billing/clock.html#progress" if request.GET.get("part") == "progress" else "billing/clock.html"
    return render(request, template, clock_context(request.organization))


def clock_context(organization: Organization) -> dict[str, Any]:
    """Answer what the clock's card shows: whether it can be advanced, and how far the last advance is."""
    progress = demo_clock.progress(organization)
    return {
        "clock_is_available": demo_clock.is_available(organization),
        "clock": progress,
        "clock_steps": _steps(progress),
        "clock_invoice": _invoice_of(organization, progress),
    }


def _invoice_of(organization: Organization, progress: demo_clock.Progress | None) -> Invoice | None:
    if progress is None or not progress.invoice:
        return None
    return Invoice.objects.filter(organization=organization, pk=progress.invoice).first()


def _steps(progress: demo_clock.Progress | None) -> list[tuple[str, str]]:
    """Answer each step's words, and whether it is done, under way or still to come."""
    if progress is None:
        return []
    reached = STEPS.index(demo_clock.Step(progress.step)) if progress.step in STEPS else len(STEPS)
    states = ["done" if place < reached else "waiting" for place in range(len(STEPS))]
    if progress.is_running:
        states[reached] = "running"
    return [(demo_clock.SAYS[step], state) for step, state in zip(STEPS, states, strict=True)]
