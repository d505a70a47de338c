"""API keys by API: made, listed, changed, rotated and stopped with an admin key."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Project
from accounts.permissions import Permission
from billing.new_keys import make_key, replace_key
from core.errors import Invalid
from core.tokens import Environment
from keys.change import KeyTerms, change_key
from keys.disable import disable_key, enable_key
from keys.issue import IssuedKey
from keys.issue_once import issue_once
from keys.models import ApiKey
from keys.revoke import revoke_key
from portal.api.errors import FieldsAreWrong, NotFound
from portal.api.program_view import ONCE, ProgramView
from portal.api.serializers import IssuedKeyOut, KeyOut, KeyTermsIn, NewKeyIn, OneKeyOut, RevocationIn, RotationIn
from portal.catalogue import unknown_slugs


class KeyView(ProgramView[ApiKey]):
    serializer_class = KeyOut

    def get_queryset(self) -> QuerySet[ApiKey]:
        if self.is_for_the_schema:
            return ApiKey.objects.none()
        self.program.actor.require(Permission.VIEW_KEYS, self.program.organization)
        return ApiKey.objects.of(self.program.organization)

    def key(self, pk: UUID) -> ApiKey:
        """Actions judge what the caller may do with it. Raises NotFound."""
        keys = ApiKey.objects.of(self.program.organization).select_related("organization", "project")
        key = keys.filter(pk=pk).first()
        if key is None:
            raise NotFound(f"There is no key {pk}.")
        return key

    def once(self, request: Mapping[str, Any], issue: Callable[[], IssuedKey]) -> IssuedKey:
        """Issue a key, or answer the one that the same request with the same Idempotency-Key got before."""
        name = self.request.headers.get("Idempotency-Key", "")
        if not name:
            return issue()
        return issue_once(self.program.caller, name, request, issue=issue, now=timezone.now())


class Keys(KeyView):
    @extend_schema(operation_id="list_keys", summary="List keys, newest first")
    def get(self, _request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(KeyOut(page, many=True).data)

    @extend_schema(
        operation_id="create_key",
        summary="Make a key",
        request=NewKeyIn,
        responses={201: IssuedKeyOut},
        parameters=[ONCE],
    )
    def post(self, request: Request) -> Response:
        asked = self.read(NewKeyIn, request)
        refuse_unknown_models(asked.validated_data)
        return _issued(self.once(asked.initial_data, lambda: self._issue(asked)))

    def _issue(self, asked: NewKeyIn) -> IssuedKey:
        sent = asked.validated_data
        return make_key(
            self._project(sent.get("project")),
            name=sent["name"],
            actor=self.program.actor,
            now=timezone.now(),
            environment=Environment(sent["environment"]),
            kind=sent["kind"],
            restrictions=asked.restrictions(),
            budget=asked.budget_terms(),
            limits=asked.limits_for(),
            velocity_freeze=sent.get("velocity_freeze", True),
            expires_at=sent.get("expires_at"),
        )

    def _project(self, pk: UUID | None) -> Project:
        projects = self.program.organization.projects.filter(archived_at=None).order_by("created_at")
        project = projects.filter(pk=pk).first() if pk else projects.first()
        if project is None:
            raise Invalid("There is no such project, or it is archived.")
        return project


class Key(KeyView):
    @extend_schema(operation_id="retrieve_key", summary="One key, with its budgets", responses=OneKeyOut)
    def get(self, _request: Request, pk: UUID) -> Response:
        self.program.actor.require(Permission.VIEW_KEYS, self.program.organization)
        return Response(OneKeyOut(self.key(pk)).data)

    @extend_schema(operation_id="update_key", summary="Change a key's name, limits or end", request=KeyTermsIn)
    def patch(self, request: Request, pk: UUID) -> Response:
        key = self.key(pk)
        asked = KeyTermsIn(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data
        refuse_unknown_models(sent, known={*key.model_slugs, *key.denied_model_slugs})
        terms = KeyTerms(
            sent.get("name", key.name),
            asked.restrictions(key),
            sent.get("expires_at", key.expires_at),
            asked.limits_for(key),
            sent.get("velocity_freeze", key.velocity_freeze),
        )
        changed = change_key(key, terms, actor=self.program.actor, now=timezone.now())
        return Response(KeyOut(changed).data)


class Rotation(KeyView):
    @extend_schema(
        operation_id="rotate_key",
        summary="Replace a key; the old one works for a while",
        description="Admin keys too, also the one that asks, if it can do no more than the one that asks.",
        request=RotationIn,
        responses={201: IssuedKeyOut},
        parameters=[ONCE],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        key, asked = self.key(pk), self.read(RotationIn, request)
        grace = timedelta(seconds=min(asked.validated_data["grace_seconds"], 10**9))
        return _issued(self.once({"rotate": str(pk)} | asked.initial_data, lambda: self._rotate(key, grace)))

    def _rotate(self, key: ApiKey, grace: timedelta) -> IssuedKey:
        return replace_key(key, caller=self.program.key, grace=grace, actor=self.program.actor, now=timezone.now())


class Revocation(KeyView):
    @extend_schema(operation_id="revoke_key", summary="Refuse a key for ever", request=RevocationIn)
    def post(self, request: Request, pk: UUID) -> Response:
        reason = self.read(RevocationIn, request).validated_data["reason"]
        key = revoke_key(self.key(pk), actor=self.program.actor, now=timezone.now(), reason=reason)
        return Response(KeyOut(key).data)


class Disablement(KeyView):
    @extend_schema(operation_id="disable_key", summary="Refuse a key until it is enabled", request=None)
    def post(self, _request: Request, pk: UUID) -> Response:
        return Response(KeyOut(disable_key(self.key(pk), actor=self.program.actor, now=timezone.now())).data)


class Enablement(KeyView):
    @extend_schema(operation_id="enable_key", summary="Accept a disabled key again", request=None)
    def post(self, _request: Request, pk: UUID) -> Response:
        return Response(KeyOut(enable_key(self.key(pk), actor=self.program.actor, now=timezone.now())).data)


def refuse_unknown_models(sent: Mapping[str, Any], *, known: AbstractSet[str] = frozenset()) -> None:
    """Raises FieldsAreWrong. What the key names already stays, whatever became of the model."""
    fields = {name: sent.get(name, []) for name in ("models", "denied_models")}
    unknown = unknown_slugs({slug for slugs in fields.values() for slug in slugs} - known)
    wrong = [
        {"field": f"{name}.{place}", "detail": f"There is no model “{slug}”."}
        for name, slugs in fields.items()
        for place, slug in enumerate(slugs)
        if slug in unknown
    ]
    if wrong:
        raise FieldsAreWrong(*wrong)


def _issued(issued: IssuedKey) -> Response:
    shown = IssuedKeyOut(issued.key, context={"text": issued.text})
    return Response(shown.data, status=201, headers={"Cache-Control": "no-store"})
