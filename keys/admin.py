"""Staff pages of API keys: found, shown without any secret, revoked, disabled, enabled."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.staff.actor import staff_actor
from accounts.staff.columns import column, status_column
from accounts.staff.dialogs import ReasonForm, confirmed
from accounts.staff.pages import ReadOnlyAdmin
from accounts.staff.running import run_on_each, run_on_one
from keys.disable import disable_key, enable_key
from keys.models import ApiKey
from keys.revoke import revoke_key

OFFERED = {ApiKey.Status.ACTIVE: ("revoke", "disable"), ApiKey.Status.DISABLED: ("revoke", "enable")}


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    acting = "keys.change_apikey"
    list_display = ("name", "shown_prefix", "organization", "project", "coloured_status", "created_at", "expires_at")
    list_select_related = ("organization", "project")
    list_filter = ("status", "environment", "kind")
    search_fields = ("name", "key_id", "organization__name", "project__name")
    fieldsets = (
        (None, {"fields": ("name", "shown_prefix", "status", "organization", "project")}),
        (
            "Limits",
            {
                "fields": (
                    "environment",
                    "kind",
                    "scopes",
                    "model_slugs",
                    "denied_model_slugs",
                    "networks",
                    "expires_at",
                )
            },
        ),
        ("Life", {"fields": ("created_by", "created_at", "revoked_at", "replaced_by")}),
        ("Last use", {"fields": ("last_used_at", "last_used_from", "last_used_model")}),
    )
    readonly_fields = ("shown_prefix",)
    actions = ("revoke_selected", "disable_selected")
    actions_detail = ("revoke", "disable", "enable")

    @column("key", ordering="key_id")
    def shown_prefix(self, key: ApiKey) -> str:
        return f"{key.prefix}…"

    @status_column()
    def coloured_status(self, key: ApiKey) -> tuple[str, str]:
        return key.status, key.get_status_display()

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer what the key's status allows."""
        key = self.get_object(request, object_id)
        offered = OFFERED.get(key.status, ()) if key else ()
        return [button for button in super().get_actions_detail(request, object_id) if button.path in offered]

    @admin.action(description="Revoke", permissions=["act"])
    def revoke_selected(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        revoke = partial(revoke_key, actor=staff_actor(request), now=timezone.now(), reason="by staff")
        run_on_each(request, keys, revoke, done="Keys revoked")

    @admin.action(description="Disable", permissions=["act"])
    def disable_selected(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        disable = partial(disable_key, actor=staff_actor(request), now=timezone.now())
        run_on_each(request, keys, disable, done="Keys disabled")

    @confirmed(
        "Revoke",
        title="Revoke this key?",
        text="It is refused at once, and for ever.",
        form=ReasonForm,
        danger=True,
    )
    def revoke(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        revoke = partial(revoke_key, actor=staff_actor(request), now=timezone.now(), reason=form.cleaned_data["reason"])
        return run_on_one(request, self.get_object(request, object_id), revoke, done="The key is revoked.")

    @confirmed("Disable", title="Disable this key?", text="It is refused until it is enabled.")
    def disable(self, request: HttpRequest, _form: Any, object_id: str) -> HttpResponse:
        disable = partial(disable_key, actor=staff_actor(request), now=timezone.now())
        return run_on_one(request, self.get_object(request, object_id), disable, done="The key is disabled.")

    @confirmed("Enable", title="Enable this key?", text="It is accepted again.")
    def enable(self, request: HttpRequest, _form: Any, object_id: str) -> HttpResponse:
        enable = partial(enable_key, actor=staff_actor(request), now=timezone.now())
        return run_on_one(request, self.get_object(request, object_id), enable, done="The key is enabled.")
