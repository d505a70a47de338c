"""Budgets by API: set, listed, changed and removed with an admin key."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import Permission
from billing.budgets import add_budget, change_budget, drop_budget
from core.budget import Node, Window
from keys.issue_once import make_once
from portal.api.budget_serializers import NODES, BudgetOut, BudgetTermsIn, NewBudgetIn, terms_of
from portal.api.errors import NotFound
from portal.api.program_view import ONCE, ProgramView
from portal.budget_rows import budget_rows
from usage.models import Budget

BY_NODE = OpenApiParameter("node", str, enum=list(Node))
BY_NODE_ID = OpenApiParameter("node_id", UUID)


class BudgetView(ProgramView[Budget]):
    serializer_class = BudgetOut

    def get_queryset(self) -> QuerySet[Budget]:
        if self.is_for_the_schema:
            return Budget.objects.none()
        self.program.actor.require(Permission.VIEW_BUDGETS, self.program.organization)
        return Budget.objects.filter(organization_id=self.program.organization.pk)

    def budget(self, pk: UUID) -> Budget:
        """Actions judge what the caller may do with it. Raises NotFound."""
        found = Budget.objects.filter(organization_id=self.program.organization.pk, pk=pk).first()
        if found is None:
            raise NotFound(f"There is no budget {pk}.")
        return found

    def shown(self, *budgets: Budget) -> list[dict[str, Any]]:
        rows = budget_rows(budgets, organization=self.program.organization, at=timezone.now())
        return [dict(BudgetOut(row).data) for row in rows]

    @property
    def acting(self) -> dict[str, Any]:
        return {"actor": self.program.actor, "now": timezone.now()}


class Budgets(BudgetView):
    @extend_schema(operation_id="list_budgets", summary="List budgets, newest first", parameters=[BY_NODE, BY_NODE_ID])
    def get(self, request: Request) -> Response:
        chosen = _Chosen(data=request.query_params)
        chosen.is_valid(raise_exception=True)
        page = self.paginate_queryset(self.get_queryset().filter(**chosen.validated_data))
        return self.get_paginated_response(self.shown(*page or []))

    @extend_schema(
        operation_id="create_budget",
        summary="Set a budget",
        description="One per node and window: 409 where there is one, which is changed by PATCH.",
        request=NewBudgetIn,
        responses={201: BudgetOut},
        parameters=[ONCE],
    )
    def post(self, request: Request) -> Response:
        asked = self.read(NewBudgetIn, request)
        name = request.headers.get("Idempotency-Key", "")
        if name:
            caller = self.program.caller
            make = {"budget": asked.initial_data}
            pk = make_once(caller, name, make, make=lambda: self._add(asked.validated_data).pk, now=timezone.now())
            found = self.budget(pk)
        else:
            found = self._add(asked.validated_data)
        return Response(self.shown(found)[0], status=201)

    def _add(self, sent: dict[str, Any]) -> Budget:
        organization, node = self.program.organization, Node(sent["node"])
        node_id = sent.get("node_id") or (organization.pk if node is Node.ORGANIZATION else None)
        if node_id is None:
            raise ValidationError({"node_id": ["Say which one."]})
        return add_budget(
            organization, node, node_id, window=Window(sent["window"]), terms=terms_of(sent), **self.acting
        )


class OneBudget(BudgetView):
    @extend_schema(operation_id="retrieve_budget", summary="One budget")
    def get(self, _request: Request, pk: UUID) -> Response:
        self.program.actor.require(Permission.VIEW_BUDGETS, self.program.organization)
        return Response(self.shown(self.budget(pk))[0])

    @extend_schema(operation_id="update_budget", summary="Change a budget", request=BudgetTermsIn)
    def patch(self, request: Request, pk: UUID) -> Response:
        budget = self.budget(pk)
        asked = BudgetTermsIn(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        present = {"cap": int(budget.cap), "is_hard": budget.is_hard, "thresholds": budget.thresholds}
        terms = terms_of(present | asked.validated_data)
        return Response(self.shown(change_budget(self.program.organization, budget, terms, **self.acting))[0])

    @extend_schema(operation_id="delete_budget", summary="Remove a budget", responses={204: None})
    def delete(self, _request: Request, pk: UUID) -> Response:
        drop_budget(self.program.organization, self.budget(pk), **self.acting)
        return Response(status=204)


class _Chosen(serializers.Serializer[Any]):
    """Which budgets a list is asked for."""

    node = serializers.ChoiceField(choices=NODES, required=False)
    node_id = serializers.UUIDField(required=False)
