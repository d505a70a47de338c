"""Anybody who found a key in public may have it stopped."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from keys.models import LeakReport
from keys.report_leak import report_leak
from portal.address import address_of
from portal.api.rated import LEAK_REPORTS
from portal.api.rates import caller_at
from portal.forms.leak import LeakForm


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("key")
@sensitive_variables("form")
def leak(request: HttpRequest) -> HttpResponse:
    form = LeakForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        LEAK_REPORTS.spend(caller_at(request))
        report = report_leak(
            form.cleaned_data["key"],
            source=LeakReport.Source.PUBLIC,
            url=form.cleaned_data["url"],
            address=address_of(request),
            now=timezone.now(),
        )
        if report is not None:
            messages.success(request, f"{report.key.prefix}… is stopped, and its owner is told. Thank you.")
            return redirect("leak")
        form.add_error("key", "No key like this exists here. Check that it is whole.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "public/leak.html", {"form": form}, status=status)
