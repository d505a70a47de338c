"""Who may see what: every address of the portal is walked as a visitor and as an outsider."""

from datetime import datetime
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, reverse

from accounts.models import EndCustomer, Organization, User
from billing.budgets import BudgetTerms, add_budget
from core.budget import Node, Window
from core.usage import TokenCounts
from keys.models import ApiKey
from portal.urls import api, urlpatterns
from tests.actors import browser_of
from tests.factories import ROBOT, make_key, use
from tests.portal.selling import customer_of, draft_renewal, issue, subscribe

PUBLIC = {
    "landing",
    "pricing",
    "models",
    "docs",
    "api_docs",
    "leak",
    "api_schema",
    "mailbox",
    "mail",
    "mail_html",
    "styleguide",
}
# Signed by the provider instead of by a session.
SIGNED = {"stripe_webhook"}
# Judged by an API key: tests/portal/api walks them as an outsider.
KEYED = {pattern.name for pattern in api.urlpatterns}
METHODS = ("get", "post")


@pytest.fixture
def key(acme: Organization, now: datetime) -> ApiKey:
    return make_key(acme, now=now, name="Acme secret name").key


def private_patterns() -> list[URLPattern]:
    return [pattern for pattern in urlpatterns if pattern.name not in PUBLIC | SIGNED | KEYED]


def address_of(pattern: URLPattern, id_: UUID | str) -> str:
    converters = pattern.pattern.converters
    return reverse(str(pattern.name), kwargs={name: "build" if name == "slug" else id_ for name in converters})


@pytest.mark.django_db
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("pattern", private_patterns(), ids=lambda pattern: pattern.name)
def test_a_visitor_is_sent_to_the_sign_in_page(pattern: URLPattern, method: str) -> None:
    response: HttpResponse = getattr(Client(), method)(address_of(pattern, UUID(int=7)))

    assert response.status_code in {302, 404, 405}, "nothing private is answered"
    if response.status_code == 302:
        assert response.headers["Location"].startswith("/accounts/login/?next=")


@pytest.mark.django_db
def test_nothing_of_another_organization_is_answered(
    acme: Organization, elsewhere: Organization, eve: User, now: datetime
) -> None:
    customer = customer_of(acme, now=now)
    event = use(customer.key, customer.spark, at=now, counts=TokenCounts(input=11))
    invoice = issue(draft_renewal(customer, subscribe(customer, now=now), now=now), now=now)
    theirs = EndCustomer.objects.create(organization=acme, external_id="acmes-own-4711", created_at=now)
    terms = BudgetTerms(10**12)
    budget = add_budget(acme, Node.KEY, customer.key.pk, window=Window.DAY, terms=terms, actor=ROBOT, now=now)
    browser = browser_of(eve)

    for pattern in private_patterns():
        for id_ in (customer.key.pk, event.id, invoice.pk, theirs.pk, budget.pk):
            if "slug" in pattern.pattern.converters:
                continue
            for method in METHODS:
                response = getattr(browser, method)(address_of(pattern, id_))
                text = b"".join(response) if response.streaming else response.content

                has_object = bool(pattern.pattern.converters)
                assert not has_object or response.status_code in {404, 405}, (pattern.name, method)
                for secret in (
                    "Acme",
                    "ada@",
                    "acmes-own-4711",
                    customer.key.key_id,
                    str(event.id),
                    str(invoice.number),
                ):
                    assert secret.encode() not in text, (pattern.name, method, secret)


@pytest.mark.django_db
def test_a_member_without_an_organization_is_asked_to_begin(sam: User) -> None:
    response = browser_of(sam).get("/home/")

    assert response.headers["Location"] == "/welcome/"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/mailbox/", "/mailbox/abc/", "/mailbox/abc/html/", "/styleguide/"])
def test_the_demos_pages_do_not_exist_elsewhere(path: str) -> None:
    with override_settings(DEMO=False, DEBUG=False):
        assert Client().get(path).status_code == 404


def test_every_page_is_either_public_or_private() -> None:
    names = {pattern.name for pattern in urlpatterns}

    assert names >= PUBLIC


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/usage/?seen=1", "/billing/clock/?part=progress", "/billing/checkout/?part=progress"]
)
def test_a_part_that_asks_after_the_session_has_ended_leads_its_page_to_the_sign_in(path: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/usage/?range=7d"}

    answer = Client().get(path, headers=headers)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/usage/%3Frange%3D7d"


@pytest.mark.django_db
def test_nobody_is_led_elsewhere_after_signing_in() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/usage/"}

    answer = Client().get("/usage/", headers=headers)

    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/home/"


@pytest.mark.django_db
def test_a_part_of_a_person_without_an_organization_leads_to_the_welcome(sam: User) -> None:
    answer = browser_of(sam).get("/usage/", headers={"HX-Request": "true"})

    assert answer.headers["HX-Redirect"] == "/welcome/"
