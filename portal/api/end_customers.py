"""End customers by API: registered, listed, renamed, suspended and restored with an admin key."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.end_customers import MAX_ID, MAX_NAME, register_end_customer, rename_end_customer
from accounts.models import EndCustomer
from accounts.permissions import Permission
from accounts.suspend_end_customer import MAX_REASON, restore_end_customer, suspend_end_customer
from billing.end_customers import republish_end_customer
from core.money import decimal_of_picos
from portal.api.errors import NotFound
from portal.api.program_view import ProgramView
from portal.api.strict import Strict
from portal.end_customer_rows import end_customer_rows

BY_ID = OpenApiParameter("external_id", str, description="The one with exactly this id.")
BY_STATUS = OpenApiParameter("status", str, enum=EndCustomer.Status.values)


class NewEndCustomerIn(Strict):
    external_id = serializers.CharField(max_length=MAX_ID, help_text="As your requests name it.")
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=MAX_NAME)


class _Chosen(serializers.Serializer[Any]):
    """What a list is narrowed to."""

    external_id = serializers.CharField(required=False, max_length=MAX_ID)
    status = serializers.ChoiceField(required=False, choices=EndCustomer.Status.values)


class EndCustomerNameIn(Strict):
    name = serializers.CharField(allow_blank=True, max_length=MAX_NAME)


class SuspensionIn(Strict):
    reason = serializers.CharField(max_length=MAX_REASON)


class EndCustomerOut(serializers.ModelSerializer[EndCustomer]):
    class Meta:
        model = EndCustomer
        fields = ("id", "external_id", "name", "status", "suspended_at", "suspended_for", "created_at")
        read_only_fields = fields


class OneEndCustomerOut(EndCustomerOut):
    spent_this_month = serializers.SerializerMethodField(help_text="US dollars since the month began in UTC, exact.")

    class Meta(EndCustomerOut.Meta):
        fields = read_only_fields = (*EndCustomerOut.Meta.fields, "spent_this_month")  # type: ignore[assignment]

    def get_spent_this_month(self, customer: EndCustomer) -> str:
        row = end_customer_rows([customer], organization=customer.organization, at=timezone.now())[0]
        return f"{decimal_of_picos(row.spent):f}"


class EndCustomerView(ProgramView[EndCustomer]):
    serializer_class = EndCustomerOut

    def get_queryset(self) -> QuerySet[EndCustomer]:
        if self.is_for_the_schema:
            return EndCustomer.objects.none()
        self.program.actor.require(Permission.VIEW_END_CUSTOMERS, self.program.organization)
        return EndCustomer.objects.of(self.program.organization)

    def customer(self, pk: UUID) -> EndCustomer:
        """Actions judge what the caller may do with it. Raises NotFound."""
        customers = EndCustomer.objects.of(self.program.organization).select_related("organization")
        customer = customers.filter(pk=pk).first()
        if customer is None:
            raise NotFound(f"There is no end customer {pk}.")
        return customer

    @property
    def acting(self) -> dict[str, Any]:
        return {"publish": republish_end_customer, "actor": self.program.actor, "now": timezone.now()}


class EndCustomers(EndCustomerView):
    @extend_schema(
        operation_id="list_end_customers", summary="List end customers, newest first", parameters=[BY_ID, BY_STATUS]
    )
    def get(self, request: Request) -> Response:
        chosen = _Chosen(data=request.query_params)
        chosen.is_valid(raise_exception=True)
        page = self.paginate_queryset(self.get_queryset().filter(**chosen.validated_data))
        return self.get_paginated_response(EndCustomerOut(page, many=True).data)

    @extend_schema(
        operation_id="register_end_customer",
        summary="Register an end customer",
        description="201 for a new one; 200 where one of this id exists, which stays as it is.",
        request=NewEndCustomerIn,
        responses={201: EndCustomerOut, 200: EndCustomerOut},
    )
    def post(self, request: Request) -> Response:
        sent = self.read(NewEndCustomerIn, request).validated_data
        customer, is_new = register_end_customer(self.program.organization, **sent, **self.acting)
        return Response(EndCustomerOut(customer).data, status=201 if is_new else 200)


class OneEndCustomer(EndCustomerView):
    @extend_schema(operation_id="retrieve_end_customer", summary="One end customer", responses=OneEndCustomerOut)
    def get(self, _request: Request, pk: UUID) -> Response:
        self.program.actor.require(Permission.VIEW_END_CUSTOMERS, self.program.organization)
        return Response(OneEndCustomerOut(self.customer(pk)).data)

    @extend_schema(operation_id="rename_end_customer", summary="Rename an end customer", request=EndCustomerNameIn)
    def patch(self, request: Request, pk: UUID) -> Response:
        customer, sent = self.customer(pk), self.read(EndCustomerNameIn, request).validated_data
        return Response(EndCustomerOut(rename_end_customer(customer, **sent, **self.acting)).data)


class EndCustomerSuspension(EndCustomerView):
    @extend_schema(operation_id="suspend_end_customer", summary="Refuse an end customer", request=SuspensionIn)
    def post(self, request: Request, pk: UUID) -> Response:
        customer, sent = self.customer(pk), self.read(SuspensionIn, request).validated_data
        return Response(EndCustomerOut(suspend_end_customer(customer, **sent, **self.acting)).data)


class EndCustomerRestoration(EndCustomerView):
    @extend_schema(operation_id="restore_end_customer", summary="Accept an end customer again", request=None)
    def post(self, _request: Request, pk: UUID) -> Response:
        return Response(EndCustomerOut(restore_end_customer(self.customer(pk), **self.acting)).data)
