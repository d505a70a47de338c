import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import RequestFactory

from accounts.models import User
from tests.factories import PASSWORD, make_user


@pytest.fixture
def chosen_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)


@pytest.mark.usefixtures("db", "chosen_password")
def test_createsuperuser_makes_staff_by_e_mail_address() -> None:
    call_command("createsuperuser", interactive=False, email="boss@tollway.example", verbosity=0)

    boss = User.objects.get(email="boss@tollway.example")
    assert (boss.is_staff, boss.is_superuser, boss.check_password(PASSWORD)) == (True, True, True)


@pytest.mark.usefixtures("db", "chosen_password")
def test_createsuperuser_refuses_a_known_address_in_one_sentence() -> None:
    make_user("boss@tollway.example")

    with pytest.raises(CommandError, match="An account with this e-mail address exists"):
        call_command("createsuperuser", interactive=False, email="Boss@tollway.example", verbosity=0)


@pytest.mark.usefixtures("db")
def test_a_person_signs_in_however_the_address_is_capitalized() -> None:
    ada = make_user("ada@acme.example")

    assert authenticate(RequestFactory().post("/"), username="Ada@ACME.example", password=PASSWORD) == ada
