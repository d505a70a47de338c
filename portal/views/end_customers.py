"""End customers: the list, a new one, and one's own page with its name."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.end_customers import register_end_customer, rename_end_customer
from accounts.models import EndCustomer
from accounts.permissions import Permission
from billing.end_customers import republish_end_customer
from core.errors import Invalid
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.budget_rows import budgets_of_end_customer
from portal.end_customer_rows import end_customer_rows, month_of
from portal.forms.end_customers import EndCustomerForm, EndCustomerNameForm

PAGE_LENGTH = 50
LONGEST_SEARCH = 200


@require_safe
@member
def end_customers(request: MemberRequest) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    actor.require(Permission.VIEW_END_CUSTOMERS, request.organization)
    listed = EndCustomer.objects.of(request.organization)
    search = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    page = Paginator(listed.matching(search) if search else listed, PAGE_LENGTH).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": end_customer_rows(page.object_list, organization=request.organization, at=now),
        "search": search,
        "month": month_of(now),
        "may_manage": actor.can(Permission.MANAGE_END_CUSTOMERS, request.organization),
    }
    return render(request, "end_customers/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member
def new_end_customer(request: MemberRequest) -> HttpResponse:
    actor = actor_of(request)
    actor.require(Permission.MANAGE_END_CUSTOMERS, request.organization)
    form = EndCustomerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            customer, is_new = register_end_customer(
                request.organization,
                **form.cleaned_data,
                publish=republish_end_customer,
                actor=actor,
                now=timezone.now(),
            )
        except Invalid as error:
            form.add_error("external_id", error.detail)
        else:
            messages.success(request, f"“{customer}” is registered." if is_new else f"“{customer}” was there already.")
            return redirect("end_customer", pk=customer.pk)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "end_customers/new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@member
def end_customer(request: MemberRequest, pk: UUID) -> HttpResponse:
    """One end customer; POST renames it."""
    customer, actor, now = end_customer_of(request, pk), actor_of(request), timezone.now()
    actor.require(Permission.VIEW_END_CUSTOMERS, request.organization)
    form = EndCustomerNameForm(request.POST or None, initial={"name": customer.name})
    if request.method == "POST" and form.is_valid():
        rename_end_customer(
            customer, name=form.cleaned_data["name"], publish=republish_end_customer, actor=actor, now=now
        )
        messages.success(request, "The name is saved.")
        return redirect("end_customer", pk=customer.pk)
    context = {
        "customer": customer,
        "row": end_customer_rows([customer], organization=request.organization, at=now)[0],
        "month": month_of(now),
        "form": form,
        "budgets": budgets_of_end_customer(customer, at=now),
        "place": f"end_customer:{customer.pk}",
        "may_budget": actor.can(Permission.MANAGE_BUDGETS, request.organization),
        "header": f"X-End-Customer: {customer.external_id}",
        "may_manage": actor.can(Permission.MANAGE_END_CUSTOMERS, request.organization),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "end_customers/end_customer.html", context, status=status)


def end_customer_of(request: MemberRequest, pk: UUID) -> EndCustomer:
    customers = EndCustomer.objects.of(request.organization).select_related("organization")
    return get_object_or_404(customers, pk=pk)
