"""The usage page, its export, and the receipt of one request."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.usage_csv import usage_csv
from portal.usage_filters import Metric, Range, UsageFilters, filters_of
from portal.usage_names import Names, names_of
from portal.usage_receipt import receipt_of
from portal.usage_report import report_of
from usage.queries import Dimension, latest_requests, request_of, wallet_of

LATEST = 25


@require_safe
@member
def usage_page(request: MemberRequest) -> HttpResponse:
    """Show the selected usage. With `seen` answer the live part alone, or 204 where nothing was used since."""
    actor_of(request).require(Permission.VIEW_USAGE, request.organization)
    # Read before the sums: what is settled in between is then shown by the next poll.
    version = wallet_of(request.organization.pk).version
    if request.GET.get("seen") == str(version):
        return HttpResponse(status=204)
    names, filters = _asked(request)
    context = {
        "version": version,
        "filters": filters,
        "names": names,
        "report": report_of(filters, names),
        "requests": latest_requests(filters.selection, limit=LATEST),
        "ranges": [each for each in Range if each is not Range.CUSTOM],
        "dimensions": list(Dimension),
        "metrics": list(Metric),
    }
    template = "usage/index.html#live" if "seen" in request.GET else "usage/index.html"
    return render(request, template, context)


@require_safe
@member
def usage_export(request: MemberRequest) -> HttpResponse:
    actor_of(request).require(Permission.VIEW_USAGE, request.organization)
    names, filters = _asked(request)
    text = usage_csv(report_of(filters, names), filters.group)
    days = f"{filters.selection.start:%Y-%m-%d}-{filters.selection.end:%Y-%m-%d}"
    disposition = f'attachment; filename="usage-by-{filters.group}-{days}.csv"'
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})


@require_safe
@member
def usage_request(request: MemberRequest, request_id: UUID) -> HttpResponse:
    actor_of(request).require(Permission.VIEW_USAGE, request.organization)
    event = request_of(request.organization.pk, request_id)
    if event is None:
        raise Http404
    context = {"event": event, "names": names_of(request.organization), "receipt": receipt_of(event)}
    return render(request, "usage/request.html", context)


def _asked(request: MemberRequest) -> tuple[Names, UsageFilters]:
    names = names_of(request.organization)
    return names, filters_of(request.GET, organization=request.organization, names=names, now=timezone.now())
