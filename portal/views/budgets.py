"""Budgets: a new one, other terms, and the end of one. They are listed on the page of limits."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from billing.budget_nodes import require_node
from billing.budgets import BudgetExists, add_budget, change_budget, drop_budget
from core.errors import Invalid
from core.money import decimal_of_picos
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.budget_places import budget_places
from portal.budget_rows import BudgetRow, budget_rows
from portal.forms.budgets import BudgetForm, BudgetTermsForm, read_place
from usage.models import Budget


@require_http_methods(["GET", "HEAD", "POST"])
@member
def new_budget(request: MemberRequest) -> HttpResponse:
    """Ask for a budget; `?for=key:<id>` has chosen already what for."""
    organization, actor = request.organization, actor_of(request)
    actor.require(Permission.MANAGE_BUDGETS, organization)
    sent = request.POST.get("at", "") if request.method == "POST" else request.GET.get("for", "")
    chosen = read_place(sent)
    if chosen is not None:
        require_node(organization, *chosen)
    form = BudgetForm(
        request.POST or None, places=budget_places(organization, chosen), initial={"at": sent} if chosen else None
    )
    if request.method == "POST" and form.is_valid():
        try:
            add_budget(
                organization,
                *form.cleaned_data["at"],
                window=form.cleaned_data["window"],
                terms=form.terms(),
                actor=actor,
                now=timezone.now(),
            )
        except (BudgetExists, Invalid) as error:
            form.refuse(error)
        else:
            messages.success(request, "The budget is in force.")
            return redirect("limits")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "limits/new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@member
def budget(request: MemberRequest, pk: UUID) -> HttpResponse:
    """One budget; POST changes its terms."""
    row, actor = _row_of(request, pk), actor_of(request)
    actor.require(Permission.MANAGE_BUDGETS, request.organization)
    form = BudgetTermsForm(request.POST or None, initial=_initial(row.budget), thresholds=row.budget.thresholds)
    if request.method == "POST" and form.is_valid():
        try:
            change_budget(request.organization, row.budget, form.terms(), actor=actor, now=timezone.now())
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, "The budget is changed. Gateways follow within a second.")
            return redirect("limits")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "limits/budget.html", {"row": row, "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@member
def budget_removal(request: MemberRequest, pk: UUID) -> HttpResponse:
    row, actor = _row_of(request, pk), actor_of(request)
    actor.require(Permission.MANAGE_BUDGETS, request.organization)
    if request.method == "POST":
        drop_budget(request.organization, row.budget, actor=actor, now=timezone.now())
        messages.success(request, "The budget is removed.")
        return redirect("limits")
    return render(request, "limits/removal.html", {"row": row})


def _row_of(request: MemberRequest, pk: UUID) -> BudgetRow:
    found = get_object_or_404(Budget.objects.filter(organization_id=request.organization.pk), pk=pk)
    return budget_rows([found], organization=request.organization, at=timezone.now())[0]


def _initial(found: Budget) -> dict[str, object]:
    return {
        "cap": f"{decimal_of_picos(int(found.cap)).normalize():f}",
        "effect": "hard" if found.is_hard else "alert",
        "thresholds": [str(each) for each in found.thresholds],
    }
