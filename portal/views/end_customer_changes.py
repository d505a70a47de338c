"""Suspending an end customer and restoring it: each is a page that asks, and a POST that does it."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from accounts.suspend_end_customer import restore_end_customer, suspend_end_customer
from billing.end_customers import republish_end_customer
from core.errors import Invalid
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.forms.end_customers import SuspensionForm
from portal.views.end_customers import end_customer_of


@require_http_methods(["GET", "HEAD", "POST"])
@member
def suspension(request: MemberRequest, pk: UUID) -> HttpResponse:
    customer, actor = end_customer_of(request, pk), actor_of(request)
    actor.require(Permission.MANAGE_END_CUSTOMERS, request.organization)
    form = SuspensionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            suspend_end_customer(
                customer, **form.cleaned_data, publish=republish_end_customer, actor=actor, now=timezone.now()
            )
        except Invalid as error:
            form.add_error("reason", error.detail)
        else:
            messages.success(request, f"“{customer}” is suspended. Its requests are refused within a second.")
            return redirect("end_customer", pk=customer.pk)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "end_customers/suspension.html", {"customer": customer, "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@member
def restoration(request: MemberRequest, pk: UUID) -> HttpResponse:
    customer, actor = end_customer_of(request, pk), actor_of(request)
    actor.require(Permission.MANAGE_END_CUSTOMERS, request.organization)
    if request.method == "POST":
        restore_end_customer(customer, publish=republish_end_customer, actor=actor, now=timezone.now())
        messages.success(request, f"“{customer}” is restored.")
        return redirect("end_customer", pk=customer.pk)
    return render(request, "end_customers/restoration.html", {"customer": customer})
