"""Staff pages: people, projects, end customers, the audit trail. Customers are billing's, which knows their money."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.audit import record
from accounts.change_user import change_user
from accounts.models import AuditEntry, EndCustomer, Membership, Project, User
from accounts.staff.actor import staff_actor
from accounts.staff.columns import column
from accounts.staff.pages import ReadOnlyAdmin, ReadOnlyInline, StaffAdmin, StaffForm, link_to

# Addresses are shown on the person's page; groups get this site's look below.
admin.site.unregister([EmailAddress, Group])

PERSON = ("email", "first_name", "last_name")
RIGHTS = ("is_active", "is_staff", "is_superuser", "groups")
DATES = ("last_login", "date_joined")


class MembershipInline(ReadOnlyInline):
    model = Membership
    fields = readonly_fields = ("organization", "role", "created_at")
    show_change_link = False


class EmailAddressInline(ReadOnlyInline):
    model = EmailAddress
    verbose_name_plural = "e-mail addresses"
    fields = readonly_fields = ("email", "verified", "primary")
    show_change_link = False


class PersonForm(StaffForm, UserChangeForm):  # type: ignore[misc]
    pass


class NewPersonForm(StaffForm, UserCreationForm):  # type: ignore[misc]
    pass


@admin.register(User)
class PersonAdmin(StaffAdmin, UserAdmin):  # type: ignore[type-arg]
    form = PersonForm
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "first_name", "last_name", "is_staff", "is_active", "date_joined")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = PERSON
    ordering = ("-date_joined",)
    readonly_fields = DATES
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": (*PERSON, "password")}),
        ("Rights", {"fields": RIGHTS}),
        ("Dates", {"fields": DATES}),
    )
    add_fieldsets = ((None, {"fields": ("email", "password1", "password2")}),)
    inlines = [MembershipInline, EmailAddressInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An address is what a person signs in with, and only its owner can prove a new one."""
        return (*DATES, "email") if obj else DATES

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change people may make himself a superuser: so only superusers may."""
        return bool(request.user.is_superuser)

    has_add_permission = has_change_permission

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        actor, now = staff_actor(request), timezone.now()
        if change:
            change_user(obj, form.changed_data, actor=actor, now=now)
        else:
            obj.save()
            record(actor, "user.created", obj, at=now)


@admin.register(Group)
class StaffGroupAdmin(GroupAdmin, ModelAdmin):  # type: ignore[misc]
    """What staff who are no superusers may do."""


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    list_display = ("name", "customer", "created_at", "archived_at")
    list_select_related = ("organization",)
    search_fields = ("name", "organization__name")
    fields = ("name", "organization", "created_at", "archived_at")

    @column("customer", ordering="organization__name")
    def customer(self, project: Project) -> str:
        return link_to(project.organization)


@admin.register(EndCustomer)
class EndCustomerAdmin(ReadOnlyAdmin):
    list_display = ("external_id", "name", "organization", "status", "created_at")
    list_select_related = ("organization",)
    list_filter = ("status",)
    search_fields = ("external_id", "name", "organization__name")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "action", "object_name", "organization", "ip_address")
    list_select_related = ("organization",)
    list_filter = (("at", admin.DateFieldListFilter), "action", "object_type")
    date_hierarchy = "at"
    search_fields = ("actor", "action", "object_id", "object_name", "organization__name")
    fields = (
        "at",
        "actor",
        "user",
        "ip_address",
        "action",
        "object_type",
        "object_id",
        "object_name",
        "organization",
        "data",
    )
