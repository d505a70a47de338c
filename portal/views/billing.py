"""The billing page: the plan, what may still be spent, and what is owed."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.billing_overview import overview_of
from portal.catalogue import offers
from portal.forms.credit import CreditForm
from portal.views.demo_clock import clock_context


@require_safe
@member
def billing_page(request: MemberRequest) -> HttpResponse:
    actor_of(request).require(Permission.VIEW_BILLING, request.organization)
    overview = overview_of(request.organization)
    context = {
        "overview": overview,
        "offers": [] if overview.subscription else offers(),
        "form": CreditForm(),
        **(clock_context(request.organization) if settings.DEMO else {}),
    }
    return render(request, "billing/index.html", context)
