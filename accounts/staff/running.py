"""Running an action on one row or many from a staff page, with refusals shown as messages."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse

from accounts.staff.pages import answer_to, change_url
from core.errors import TollwayError

Row = TypeVar("Row", bound=Model)


def run_on_one(request: HttpRequest, row: Row | None, action: Callable[[Row], object], *, done: str) -> HttpResponse:
    """Carry out `action`, and go back to the row's page with what came of it. Raises Http404 without a row."""
    if row is None:
        raise Http404
    try:
        action(row)
    except TollwayError as refusal:
        return answer_to(request, change_url(row), refusal.detail, level=messages.ERROR)
    return answer_to(request, change_url(row), done)


def run_on_each(request: HttpRequest, rows: Iterable[Row], action: Callable[[Row], object], *, done: str) -> None:
    """Carry out `action` on each row by itself: one that is refused leaves the others done."""
    count = 0
    for row in rows:
        try:
            action(row)
            count += 1
        except TollwayError as refusal:
            messages.error(request, f"{row}: {refusal.detail}")
    if count:
        messages.success(request, f"{done}: {count}.")
