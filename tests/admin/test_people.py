from django.contrib.auth.models import Permission as DjangoPermission
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from tests.actors import browser_of
from tests.admin.forms import management
from tests.factories import make_user


def change(browser: Client, person: User, **fields: str) -> int:
    form = {"first_name": person.first_name, "last_name": "", "is_active": "on"} | fields
    url = reverse("admin:accounts_user_change", args=[person.pk])
    return browser.post(url, management(browser, url) | form).status_code


def test_a_superuser_makes_somebody_staff(ada: User, sam: User, staff: Client) -> None:
    assert change(staff, ada, is_staff="on") == 302

    assert User.objects.get(pk=ada.pk).is_staff
    assert AuditEntry.objects.get(action="user.changed").data == {"fields": ["is_staff"]}


def test_other_staff_cannot_make_themselves_superusers(db: None) -> None:
    clerk = make_user(is_staff=True)
    clerk.user_permissions.add(*DjangoPermission.objects.filter(codename__in=["view_user", "change_user"]))

    assert change(browser_of(clerk), clerk, is_staff="on", is_superuser="on") == 403
    assert not User.objects.get(pk=clerk.pk).is_superuser


def test_nobody_locks_himself_out(sam: User, staff: Client) -> None:
    assert change(staff, sam) == 200

    assert User.objects.get(pk=sam.pk).is_superuser


def test_a_person_is_added_with_a_password(staff: Client) -> None:
    form = {"email": "new@tollway.example", "password1": "a-long-password", "password2": "a-long-password"}

    answer = staff.post(reverse("admin:accounts_user_add"), form | {"usable_password": "true"})

    assert answer.status_code == 302
    assert User.objects.get(email="new@tollway.example").check_password("a-long-password")
    assert AuditEntry.objects.filter(action="user.created").exists()
