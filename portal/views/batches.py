"""Batches: the list, one with its errors, and its files. They are made through the API alone."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Organization
from accounts.permissions import Permission
from batches.content import read_parts
from batches.models import Batch, BatchLine
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.batch_rows import batch_rows, files_of

PAGE_LENGTH = 50
MOST_LINES = 50


@require_safe
@member
def batches(request: MemberRequest) -> HttpResponse:
    actor_of(request).require(Permission.VIEW_USAGE, request.organization)
    listed = Batch.objects.filter(organization=request.organization).select_related("project")
    page = Paginator(listed, PAGE_LENGTH).get_page(request.GET.get("page"))
    return render(request, "batches/index.html", {"page": page, "rows": batch_rows(page.object_list)})


@require_safe
@member
def batch(request: MemberRequest, pk: UUID) -> HttpResponse:
    actor = actor_of(request)
    actor.require(Permission.VIEW_USAGE, request.organization)
    found = _batch_of(request.organization, pk)
    failed = found.lines.filter(state=BatchLine.State.ERRORED).only("number", "custom_id", "status_code", "request_id")
    context = {
        "row": batch_rows([found])[0],
        "files": files_of(found, at=timezone.now()),
        "lines": failed[:MOST_LINES],
        "most_lines": MOST_LINES,
        "may_read": actor.can(Permission.MANAGE_KEYS, request.organization),
    }
    return render(request, "batches/batch.html", context)


@require_safe
@member
def batch_file(request: MemberRequest, pk: UUID, file_pk: UUID) -> StreamingHttpResponse:
    """Hand out a file. It holds prompts and answers: only those read it who could make a key that reads it."""
    actor_of(request).require(Permission.MANAGE_KEYS, request.organization)
    kept = files_of(_batch_of(request.organization, pk), at=timezone.now())
    file = next((file for _, file in kept if file.pk == file_pk), None)
    if file is None:
        raise Http404
    headers = {
        "Content-Length": str(file.size),
        "Content-Disposition": f'attachment; filename="{file.public_id}.jsonl"',
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(read_parts(file), content_type="application/octet-stream", headers=headers)


def _batch_of(organization: Organization, pk: UUID) -> Batch:
    listed = Batch.objects.filter(organization=organization)
    return get_object_or_404(listed.select_related("project", "input_file", "output_file", "error_file"), pk=pk)
