"""What a signed-in person sees first."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.access import MemberRequest, member
from portal.catalogue import first_chat_model, listed_models
from portal.overview import SKEW, overview_of
from portal.snippets import first_call
from portal.usage_names import names_of
from usage.queries import Selection, latest_requests

RECENT = timedelta(days=30)
LATEST = 5


@require_safe
@member
def home(request: MemberRequest) -> HttpResponse:
    now = timezone.now()
    recent = Selection(request.organization.pk, start=now - RECENT, end=now + SKEW)
    requests = latest_requests(recent, limit=LATEST)
    example = None if requests else first_chat_model(listed_models(now))
    context = {
        "overview": overview_of(request.organization, at=now),
        "requests": requests,
        "names": names_of(request.organization),
        "snippets": first_call(example.model.slug) if example else [],
    }
    return render(request, "home/home.html", context)
