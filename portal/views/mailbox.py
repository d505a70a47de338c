"""The demo's mailbox: mail that was kept as files, because there is no mail server."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from portal.csp import HEADER
from portal.mailbox import Mail, find_mail, kept_mails

P = ParamSpec("P")
# Mail brings its styles with it; it may show them, and do nothing else.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


def in_demo(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Everybody's mail is open here: outside the demo this page does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not (settings.DEMO or settings.DEBUG):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@in_demo
def mailbox(request: HttpRequest) -> HttpResponse:
    return render(request, "mailbox/mailbox.html", {"mails": kept_mails(settings.MAIL_DIR)})


@require_safe
@in_demo
def mail(request: HttpRequest, id_: str) -> HttpResponse:
    return render(request, "mailbox/mail.html", {"mail": _mail_or_404(id_)})


@require_safe
@in_demo
@xframe_options_sameorigin
def mail_html(_request: HttpRequest, id_: str) -> HttpResponse:
    """Answer the mail's HTML part, for the frame on its page."""
    return HttpResponse(_mail_or_404(id_).html, headers={HEADER: POLICY})


def _mail_or_404(id_: str) -> Mail:
    found = find_mail(settings.MAIL_DIR, id_)
    if found is None:
        raise Http404
    return found
