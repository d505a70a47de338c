"""Files, as OpenAI's API has them."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone

from batches.content import read_parts
from batches.files import Owner, Sent, delete_file, find_file, store_file
from batches.models import File
from batches.refused import invalid, too_large
from portal.batch_api.pages import page_of
from portal.batch_api.passed import whole_number

MOST_LISTED = 10_000


def create(request: HttpRequest, owner: Owner) -> HttpResponse:
    if int(request.headers.get("Content-Length") or 0) > settings.FILE_MAX_BYTES + 1024 * 1024:
        raise too_large(f"The file is larger than {settings.FILE_MAX_BYTES:,} bytes.", "file")
    sent = _sent(request)
    if request.POST.get("purpose") != File.Purpose.BATCH:
        raise invalid("The purpose is 'batch'.", "purpose")
    file = store_file(owner, sent, life=_life(request), now=timezone.now())
    return JsonResponse(shown(file))


def listed(request: HttpRequest, owner: Owner) -> HttpResponse:
    files = File.objects.of(owner.project, at=timezone.now())
    if purpose := request.GET.get("purpose"):
        files = files.filter(purpose=purpose)
    limit = whole_number(request, "limit", default=MOST_LISTED, most=MOST_LISTED)
    return JsonResponse(page_of(files, request, "file-", limit=limit, shown=shown))


def retrieve(_request: HttpRequest, owner: Owner, *, file_id: str) -> HttpResponse:
    return JsonResponse(shown(find_file(owner, file_id, at=timezone.now())))


def content(_request: HttpRequest, owner: Owner, *, file_id: str) -> StreamingHttpResponse:
    file = find_file(owner, file_id, at=timezone.now())
    parts: Iterator[bytes] = read_parts(file)
    headers = {"Content-Length": str(file.size), "Content-Disposition": "attachment"}
    return StreamingHttpResponse(parts, content_type="application/octet-stream", headers=headers)


def delete(_request: HttpRequest, owner: Owner, *, file_id: str) -> HttpResponse:
    file = delete_file(owner, file_id, now=timezone.now())
    return JsonResponse({"id": file.public_id, "object": "file", "deleted": True})


def shown(file: File) -> dict[str, object]:
    return {
        "id": file.public_id,
        "object": "file",
        "bytes": file.size,
        "created_at": int(file.created_at.timestamp()),
        "expires_at": int(file.expires_at.timestamp()) if file.expires_at else None,
        "filename": file.filename,
        "purpose": file.purpose,
        "status": "processed",
        "status_details": None,
    }


def _sent(request: HttpRequest) -> Sent:
    try:
        file = request.FILES.get("file")
    except (MultiPartParserError, SuspiciousOperation):
        raise invalid("The body is no multipart/form-data.") from None
    if not isinstance(file, UploadedFile):
        raise invalid("Send the file as multipart/form-data, in the field 'file'.", "file")
    return Sent(file.name or "", file.size or 0, file.chunks())


def _life(request: HttpRequest) -> timedelta | None:
    anchor, seconds = (request.POST.get(f"expires_after[{name}]") for name in ("anchor", "seconds"))
    if anchor is None and seconds is None:
        return None
    if anchor != "created_at":
        raise invalid("A file's expiry counts from 'created_at'.", "expires_after.anchor")
    if not seconds or not seconds.isascii() or not seconds.isdigit() or len(seconds) > 9:  # noqa: PLR2004 - 31 years
        raise invalid("A file lives for a whole number of seconds.", "expires_after.seconds")
    return timedelta(seconds=int(seconds))
