"""From an unknown visitor to a key: sign-up, the mail, the first sign-in."""

import re
from datetime import datetime

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from accounts.models import AuditEntry, Membership, Organization, Role, User
from billing.models import BillingPeriod, CreditGrant
from core.tokens import parse_token
from keys.models import ApiKey
from portal.start import organization_name
from tests.actors import browser_of
from tests.factories import PASSWORD, make_model, make_user

EMAIL = "grace@hopper-labs.example"


def sign_up(browser: Client, **values: str) -> int:
    return browser.post("/accounts/signup/", {"email": EMAIL, "password1": PASSWORD, **values}).status_code


def link_in_mail() -> str:
    found = re.search(r"http://testserver(/accounts/confirm-email/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def text_of_key(page: str) -> str:
    return page.partition('readonly value="')[2].partition('"')[0]


@pytest.mark.django_db
def test_a_newcomer_has_everything_after_the_link(now: datetime) -> None:
    make_model(now=now)
    browser = Client()
    assert sign_up(browser) == 302
    asked = browser.get(link_in_mail()).content.decode()

    page = browser.post(link_in_mail(), follow=True).content.decode()

    assert "Confirm and go on" in asked
    assert parse_token(text_of_key(page), brand="tw") is not None
    organization = Organization.objects.get()
    assert organization.name == "Hopper Labs"
    assert Membership.objects.get().role == Role.OWNER
    assert organization.projects.get().name == "Default"
    assert ApiKey.objects.get().project.organization == organization
    assert CreditGrant.objects.get().amount == 5 * 10**12
    assert BillingPeriod.objects.get().end is None
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"organization.created", "key.issued"}


@pytest.mark.django_db
def test_looking_at_the_link_changes_nothing(now: datetime) -> None:
    """Mail scanners open links."""
    browser = Client()
    sign_up(browser)

    Client().get(link_in_mail())

    assert not Organization.objects.exists()
    assert not EmailAddress.objects.get().verified


@pytest.mark.django_db
def test_who_confirms_in_another_browser_begins_with_the_sign_in(now: datetime) -> None:
    sign_up(Client())
    Client().post(link_in_mail())
    assert not Organization.objects.exists()

    response = Client().post("/accounts/login/", {"login": EMAIL, "password": PASSWORD}, follow=True)

    assert "Your key is ready" in response.content.decode()
    assert Organization.objects.count() == 1


@pytest.mark.django_db
def test_a_second_sign_in_makes_nothing_more(now: datetime) -> None:
    browser = Client()
    sign_up(browser)
    browser.post(link_in_mail())

    response = Client().post("/accounts/login/", {"login": EMAIL, "password": PASSWORD}, follow=True)

    assert response.redirect_chain[-1][0] == "/home/"
    assert (Organization.objects.count(), ApiKey.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_the_way_to_a_plan_is_remembered(now: datetime) -> None:
    browser = Client()
    sign_up(browser, next="/pricing/")

    page = browser.post(link_in_mail(), follow=True).content.decode()

    assert 'href="/pricing/">Go on to where you were' in page


@pytest.mark.django_db
def test_no_address_elsewhere_is_offered_as_the_way_on(acme: Organization, ada: User, now: datetime) -> None:
    browser = Client()
    sign_up(browser, next="https://evil.example/")

    assert "evil.example" not in browser.post(link_in_mail(), follow=True).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"email": "nobody"}, "Enter a valid email address."),
        ({"password1": "short"}, "at least 10 characters"),
        ({"password1": "password1234"}, "too common"),
        ({"email": ""}, "This field is required."),
    ],
)
def test_a_wrong_sign_up_says_why(values: dict[str, str], words: str) -> None:
    response = Client().post("/accounts/signup/", {"email": EMAIL, "password1": PASSWORD, **values})

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_wrong_password_does_not_tell_whether_the_account_exists() -> None:
    make_user(EMAIL)

    answers = [
        Client().post("/accounts/login/", {"login": email, "password": "wrong"}) for email in (EMAIL, "no@one.example")
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("are not correct" in answer.content.decode() for answer in answers)


@pytest.mark.django_db
def test_the_mail_has_text_and_html_with_the_same_link() -> None:
    sign_up(Client())
    sent = mail.outbox[-1]
    assert isinstance(sent, EmailMultiAlternatives)

    html = str(sent.alternatives[0][0])

    assert sent.subject == "Confirm your address for Tollway"
    assert f"http://testserver{link_in_mail()}" in html
    assert "testserver" not in sent.subject


@pytest.mark.django_db
def test_a_forgotten_password_is_replaced_by_mail(ada: User) -> None:
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    browser = Client()
    browser.post("/accounts/password/reset/", {"email": ada.email})
    found = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert found

    page = browser.get(found[1], follow=True)
    browser.post(page.redirect_chain[-1][0], {"password1": "another-toll-booth", "password2": "another-toll-booth"})

    ada.refresh_from_db()
    assert ada.check_password("another-toll-booth")
    assert mail.outbox[-1].subject == "Set a new password for Tollway"


@pytest.mark.django_db
def test_staff_get_an_organization_only_when_they_ask(sam: User, now: datetime) -> None:
    browser = browser_of(sam)
    assert "Make “Tollway” and a key" in browser.get("/welcome/").content.decode()
    assert not Organization.objects.exists()

    page = browser.post("/welcome/", follow=True).content.decode()

    assert "Your key is ready" in page
    assert Organization.objects.get().name == "Tollway"
    assert browser.get("/welcome/").headers["Location"] == "/home/"


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("ada@acme.example", "Acme"),
        ("ada@mail.big-corp.com", "Big Corp"),
        ("ada@shop.co.uk", "Shop"),
        ("ada.lovelace+test@gmail.com", "Ada Lovelace’s organization"),
        ("ada@localhost", "Localhost"),
        (f"{'a' * 200}@gmail.com", ("A" + "a" * 199)[:120]),
    ],
)
def test_an_organization_is_named_after_the_address(email: str, name: str) -> None:
    assert organization_name(email) == name
