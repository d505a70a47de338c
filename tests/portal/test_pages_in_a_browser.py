"""Pages in a real browser: nothing for axe to find, no policy violated, nothing wider than the screen."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import EndCustomer, Organization, User
from billing.budgets import BudgetTerms, add_budget
from billing.velocity import freeze_what_races
from catalog.models import Model
from core.budget import Node, Window
from core.usage import TokenCounts
from keys.models import ApiKey
from tests.actors import browser_of
from tests.factories import ROBOT, make_key, make_model, use
from tests.portal.selling import customer_of
from usage.models import Budget

VISITORS_PAGES = [
    "/",
    "/pricing/",
    "/models/",
    "/docs/",
    "/docs/api/",
    "/leaked-key/",
    "/accounts/signup/",
    "/accounts/login/",
    "/nowhere/",
]
MEMBERS_PAGES = [
    "/home/",
    "/keys/",
    "/keys/new/",
    "/keys/rules/",
    "/limits/",
    "/limits/new/",
    "/end-customers/",
    "/end-customers/new/",
    "/batches/",
    "/organization/",
    "/pricing/",
    "/accounts/password/change/",
]
# Set SCREENSHOTS to a folder to keep what was seen.
SCREENSHOTS = os.environ.get("SCREENSHOTS")
SCREENS = [("light", 1280), ("dark", 390)]
# axe would fetch style sheets again by itself, which the policy forbids.
OPTIONS = {"preload": False}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("scheme", "width"), SCREENS)
def test_pages_are_in_order(
    chromium: str, live_server: LiveServer, acme: Organization, ada: User, scheme: str, width: int
) -> None:
    now = acme.created_at
    customer = customer_of(acme, now=now)
    fresh = make_key(acme, now=now, name="Fresh").key
    use(customer.key, customer.spark, at=now, counts=TokenCounts(input=1_000, output=100))
    frozen = raced(acme, customer.spark, now=now)
    theirs = EndCustomer.objects.create(organization=acme, external_id="customer-4711", name="Navy", created_at=now)
    spent_budgets(acme, customer.key, now=now)
    members = [
        *MEMBERS_PAGES,
        reverse("key", args=[frozen.pk]),
        reverse("end_customer", args=[theirs.pk]),
        reverse("end_customer_suspension", args=[theirs.pk]),
        reverse("end_customer_restoration", args=[theirs.pk]),
        *(reverse(page, args=[Budget.objects.earliest("id").pk]) for page in ("budget", "budget_removal")),
        reverse("key_once", args=[fresh.pk]),
        reverse("key_first_request", args=[customer.key.pk]),
        reverse("key_revocation", args=[fresh.pk]),
        reverse("key", args=[fresh.pk]),
        reverse("key_edit", args=[fresh.pk]),
        reverse("key_rotation", args=[fresh.pk]),
    ]
    session = browser_of(ada).cookies["sessionid"].value

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        visitor = context_of(browser, scheme, width)
        member = context_of(browser, scheme, width)
        member.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        remarks = [
            *remarks_on(visitor, live_server.url, VISITORS_PAGES),
            *remarks_on(member, live_server.url, members),
        ]
        browser.close()

    assert remarks == []


def raced(organization: Organization, spark: Model, *, now: datetime) -> ApiKey:
    """Make a key that was frozen for its spending."""
    key = make_key(organization, now=now, name="Racing").key
    use(key, spark, at=now, counts=TokenCounts(input=60_000_000))
    freeze_what_races(now=now)
    return key


def spent_budgets(organization: Organization, key: ApiKey, *, now: datetime) -> None:
    """Set one that is used up, one that is exceeded, and two that are not."""
    for window, cap, is_hard in ((Window.DAY, 1, True), (Window.WEEK, 1, False), (Window.LIFETIME, 10**15, True)):
        terms = BudgetTerms(cap * 10**6, is_hard)
        add_budget(organization, Node.KEY, key.pk, window=window, terms=terms, actor=ROBOT, now=now)
    place = {"window": Window.MONTH, "terms": BudgetTerms(100 * 10**12), "actor": ROBOT, "now": now}
    add_budget(organization, Node.ORGANIZATION, organization.pk, **place)  # type: ignore[arg-type]


def context_of(browser: Browser, scheme: str, width: int) -> BrowserContext:
    return browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 844})  # type: ignore[arg-type]


def remarks_on(context: BrowserContext, url: str, addresses: Sequence[str]) -> list[str]:
    page = context.new_page()
    remarks: list[str] = []
    page.on("console", lambda message: remarks.append(f"{page.url}: {message.text}") if is_bad(message.text) else None)
    for address in addresses:
        page.goto(url + address)
        remarks += [f"{address}: {remark}" for remark in found_by_axe(page)]
        if SCREENSHOTS:
            page.screenshot(path=Path(SCREENSHOTS) / f"{_name_of(page, address)}.png", full_page=True)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            remarks.append(f"{address}: wider than the screen")
    return remarks


def _name_of(page: Page, address: str) -> str:
    scheme = "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
    size = page.viewport_size
    assert size is not None
    return f"{address.strip('/').replace('/', '-') or 'start'}-{scheme}-{size['width']}"


def is_bad(message: str) -> bool:
    """Everything that the browser complains about, but for the page that is missing on purpose."""
    return "404 (Not Found)" not in message


def found_by_axe(page: Page) -> list[str]:
    violations = Axe().run(page, options=OPTIONS).response["violations"]
    return [f"{violation['id']} at {violation['nodes'][0]['html']}" for violation in violations]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_page_is_whole_without_scripts(chromium: str, live_server: LiveServer, acme: Organization, ada: User) -> None:
    make_model(now=acme.created_at)
    session = browser_of(ada).cookies["sessionid"].value

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"{live_server.url}/home/")
        page.click("text=Menu")
        page.click("nav >> text=API keys")
        page.click("text=New key")
        page.fill("[name=name]", "By hand")
        page.click("text=Make the key")
        text = page.input_value("#key-text")
        page.click("label:has-text('Python')")
        python = page.inner_text(".snippet:visible")
        copy_buttons = page.locator("[data-copy]:visible").count()
        browser.close()

    assert text.startswith("tw_live_")
    assert f'api_key="{text}"' in python
    assert copy_buttons == 0, "a button that would do nothing is not shown"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_key_is_revoked_in_a_dialog(chromium: str, live_server: LiveServer, acme: Organization, ada: User) -> None:
    key = make_key(acme, now=acme.created_at, name="Laptop").key
    session = browser_of(ada).cookies["sessionid"].value

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = context_of(browser, "light", 1280)
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"{live_server.url}/keys/")
        page.get_by_role("link", name="Revoke Laptop").click()
        remarks = found_by_axe(page)
        page.get_by_role("button", name="Leave it as it is").click()
        page.get_by_role("link", name="Revoke Laptop").click()
        page.get_by_role("button", name="Revoke the key").click()
        flash = page.get_by_role("status").inner_text()
        browser.close()

    key.refresh_from_db()
    assert remarks == []
    assert key.status == "revoked"
    assert "“Laptop” is revoked." in flash


WIDE_TABLE = """document.body.innerHTML =
    '<div class="table-scroll"><table class="table"><tr><td class="nowrap">' + "wide ".repeat(200)
    + '</td><td><span class="visually-hidden">hidden</span></td></tr></table></div>'"""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_hidden_text_in_a_wide_table_does_not_widen_the_page(chromium: str, live_server: LiveServer) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = context_of(browser, "light", 390).new_page()
        page.goto(f"{live_server.url}/accounts/login/")
        page.evaluate(WIDE_TABLE)
        table, screen = page.evaluate("[document.querySelector('table').scrollWidth, innerWidth]")
        width = page.evaluate("document.documentElement.scrollWidth")
        browser.close()

    assert table > screen, "otherwise nothing is tried"
    assert width <= screen
