"""Usage that the customer's own gateway or system reports, with a result for each item."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import Permission
from billing.report_usage import Result, Status, report_usage
from billing.reported_usage import Reported
from core.errors import TollwayError
from portal.api.events_schema import REQUEST, RESULTS
from portal.api.program_view import ProgramView
from portal.api.rates import PerAdminKey, Rate
from portal.api.sent_events import read_items
from usage.models import UsageEvent

MOST_BYTES = 1024 * 1024


class TooLarge(TollwayError):
    code = "request_too_large"
    status = 413
    title = "The body is too large"


class PerReporter(PerAdminKey):
    """Each request may carry a thousand items: two hundred requests a second are more than enough."""

    rate = Rate("reports", 12_000)


class Events(ProgramView[UsageEvent]):
    pagination_class = None
    throttle_classes = (PerReporter,)

    @extend_schema(
        operation_id="report_usage",
        summary="Report usage of your own systems",
        description=(
            "Up to 1,000 items; each gets a result, in their order. The answer comes after the commit. An id counts "
            "once for ever, so that a report may be repeated."
        ),
        request=REQUEST,
        responses={(200, "application/json"): RESULTS},
    )
    def post(self, request: Request) -> Response:
        self.program.actor.require(Permission.REPORT_USAGE, self.program.organization)
        now = timezone.now()
        read = read_items(_body(request), request.content_type or "")
        reported = [item for item in read if isinstance(item, Reported)]
        stored = iter(report_usage(self.program.key, reported, now=now))
        return Response(_shown(list(_results(read, stored))))


def _body(request: Request) -> bytes:
    """Answer the body as it came: it is read item by item. Raises TooLarge."""
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        raise TooLarge(f"At most {MOST_BYTES:,} bytes at once: send smaller batches.")
    body: bytes = request.body
    return body


def _results(read: Sequence[Reported | str], stored: Iterator[Result]) -> Iterator[Result]:
    for item in read:
        yield next(stored) if isinstance(item, Reported) else Result(Status.REFUSED, detail=item)


def _shown(results: Sequence[Result]) -> dict[str, Any]:
    counts = Counter(result.status for result in results)
    items = [{"status": each.status, "event": each.event, "detail": each.detail} for each in results]
    return {**{status.value: counts[status] for status in Status}, "results": items}
