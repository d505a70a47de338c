"""The staff page of revenue by month, and the same as comma-separated values."""

import csv
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts.staff.dollars import dollars_of_picos
from billing.models import LedgerTransaction
from billing.revenue import BALANCES, FLOWS, Month, months
from core.money import decimal_of_picos

TITLES = ["Month", *FLOWS.values(), "Recognized", *(title for title, _ in BALANCES.values())]


def revenue_urls(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    return [
        path("revenue/", wrap(revenue_page), name="billing_revenue"),
        path("revenue.csv", wrap(revenue_csv), name="billing_revenue_csv"),
    ]


def revenue_page(request: HttpRequest) -> HttpResponse:
    _require(request)
    table = {"headers": TITLES, "rows": [_row(month, dollars_of_picos) for month in reversed(months())]}
    context = {**admin.site.each_context(request), "title": "Revenue by month", "table": table}
    return TemplateResponse(request, "admin/billing/revenue.html", context)


def revenue_csv(request: HttpRequest) -> HttpResponse:
    """Exact amounts in dollars, oldest month first."""
    _require(request)
    headers = {"Content-Disposition": 'attachment; filename="revenue.csv"'}
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
    writer = csv.writer(response)
    writer.writerow(TITLES)
    writer.writerows(_row(month, lambda picos: f"{decimal_of_picos(picos):f}") for month in months())
    return response


def _require(request: HttpRequest) -> None:
    meta = LedgerTransaction._meta  # noqa: SLF001 - Django's documented way to a model's name
    if not request.user.has_perm(f"{meta.app_label}.view_{meta.model_name}"):
        raise PermissionDenied


def _row(month: Month, shown: Callable[[int], str]) -> list[str]:
    figures = [*month.flows.values(), month.recognized, *month.balances.values()]
    return [f"{month.begins:%Y-%m}", *map(shown, figures)]
