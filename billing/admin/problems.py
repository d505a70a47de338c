"""Why a period could not be closed, or an invoice not be issued: until staff have seen to it, nothing goes on there."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.staff.columns import column


class HasProblem(admin.SimpleListFilter):
    title = "problem"
    parameter_name = "problem"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [("yes", "Has a problem"), ("no", "Has none")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "yes":
            return queryset.exclude(problem="")
        return queryset.filter(problem="") if self.value() == "no" else queryset


class ShowsProblem:
    """Adds a column with the problem in red. Mixed into pages of rows that have one."""

    @column("problem", ordering="problem")
    def problem_in_red(self, row: Any) -> SafeString | str:
        if not row.problem:
            return "–"
        return format_html('<span class="text-red-700 dark:text-red-400">{}</span>', row.problem)
