"""The usage page: whose usage, which of it, and that chart, tables and export say the same."""

import csv
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Organization, Project, User
from catalog.models import Model
from core.money import decimal_of_picos
from core.usage import TokenCounts
from core.usage_event import Outcome, UsageEvent
from keys.models import ApiKey
from tests.actors import browser_of
from tests.factories import make_key, make_model, make_organization, use

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Shop:
    """Acme with two models and two keys, and what they used since the organization began."""

    spark: Model
    embed: Model
    laptop: ApiKey
    server: ApiKey
    events: tuple[UsageEvent, ...]

    @property
    def cost(self) -> int:
        return sum(event.amount for event in self.events)

    @property
    def tokens(self) -> int:
        return sum(event.counts.total for event in self.events)


@pytest.fixture
def shop(acme: Organization, now: datetime) -> Shop:
    """Three calls: one now, two an hour later."""
    spark, embed = make_model(now=now), make_model("muse-embed", now=now)
    laptop, server = make_key(acme, now=now).key, make_key(acme, name="Server", now=now).key
    events = (
        use(laptop, spark, at=now, counts=TokenCounts(input=1_000, output=200, cache_read=50)),
        use(server, spark, at=now + HOUR, counts=TokenCounts(input=400, reasoning=30)),
        use(server, embed, at=now + HOUR, counts=TokenCounts(input=7)),
    )
    return Shop(spark, embed, laptop, server, events)


def page_of(user: User, query: str = "") -> str:
    return browser_of(user).get(f"/usage/{query}").content.decode()


def test_a_visitor_is_sent_to_sign_in(client: Client, db: None) -> None:
    for path in ("/usage/", "/usage/export.csv"):
        assert client.get(path).headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("who", ["ada", "ben"])
def test_members_see_the_calls_by_model_with_tokens_and_cost(
    who: str, shop: Shop, request: pytest.FixtureRequest
) -> None:
    page = page_of(request.getfixturevalue(who))

    assert "muse-spark" in page
    assert "1,407" in page  # input tokens but for the cached ones
    assert f"${decimal_of_picos(shop.cost).normalize():f}" in page
    assert "Laptop" in page


def test_eve_sees_her_own_usage_alone(shop: Shop, eve: User, elsewhere: Organization) -> None:
    page = page_of(eve)

    assert "Nothing was used here" in page
    assert "Laptop" not in page


@pytest.mark.parametrize("name", ["key", "project"])
def test_a_filter_for_an_outsiders_object_is_not_found(
    name: str, shop: Shop, project: Project, eve: User, elsewhere: Organization
) -> None:
    id_ = {"key": shop.laptop.pk, "project": project.pk}[name]

    for path in ("/usage/", "/usage/export.csv"):
        assert browser_of(eve).get(path, {name: str(id_)}).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "?range=century",
        "?group=colour",
        "?metric=joy",
        "?model=gpt",
        "?key=1",
        "?start=x&end=y",
        "?start=2026-04-09T00:00:00Z&end=2026-04-08T00:00:00Z",
        "?start=0001-01-01T00:00:00Z&end=9999-01-01T00:00:00Z",
        "?range=custom",
    ],
)
def test_what_the_url_cannot_mean_is_not_found(query: str, acme: Organization, ada: User) -> None:
    assert browser_of(ada).get(f"/usage/{query}").status_code == 404


def test_filters_narrow_everything_on_the_page(shop: Shop, ada: User) -> None:
    page = page_of(ada, f"?range=today&key={shop.server.pk}&model=muse-spark&group=key")

    assert 'aria-labelledby="latest-title"' in page
    assert page.count("/usage/requests/") == 1
    assert str(shop.events[1].id) in page


def test_a_period_that_began_within_the_hour_is_exact(shop: Shop, ada: User, now: datetime) -> None:
    start, end = now + timedelta(minutes=30), now + HOUR + timedelta(minutes=1)

    page = page_of(ada, f"?start={start:%Y-%m-%dT%H:%M:%SZ}&end={end:%Y-%m-%dT%H:%M:%SZ}")

    assert str(shop.events[0].id) not in page
    assert page.count("/usage/requests/") == 2


@pytest.mark.parametrize("group", ["model", "key", "project"])
@pytest.mark.parametrize("range_", ["today", "7d", "30d", "period"])
def test_chart_tables_totals_and_export_agree(range_: str, group: str, shop: Shop, ada: User) -> None:
    response = browser_of(ada).get("/usage/", {"range": range_, "group": group})
    export = browser_of(ada).get("/usage/export.csv", {"range": range_, "group": group})

    report = response.context["report"]
    chart = {column.label: column.total for column in report.chart.columns}
    rows = list(csv.DictReader(StringIO(export.content.decode())))
    assert chart == {step.label: step.used.counts.total for step in report.steps}
    assert sum(chart.values()) == sum(line.used.counts.total for line in report.lines) == shop.tokens
    assert sum(int(row["total_tokens"]) for row in rows) == shop.tokens
    assert sum(Decimal(row["amount_usd"]) for row in rows) == decimal_of_picos(shop.cost)
    assert report.total.amount == shop.cost


def test_bars_are_as_high_as_the_table_says(shop: Shop, ada: User) -> None:
    page = page_of(ada, "?range=today")

    drawn = sum(float(height) for height in re.findall(r'<rect [^>]*height="([\d.]+)"', page))
    assert drawn == pytest.approx(100 * shop.tokens / 1_500, abs=0.01)


def test_the_export_names_its_columns_and_is_a_download(shop: Shop, ada: User) -> None:
    response = browser_of(ada).get("/usage/export.csv", {"range": "today", "group": "key"})

    rows = list(csv.DictReader(StringIO(response.content.decode())))
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="usage-by-key-2026-04-08')
    assert [(row["begins"], row["key_id"], row["input"]) for row in rows] == [
        ("2026-04-08T12:00:00+00:00", str(shop.laptop.pk), "1000"),
        ("2026-04-08T13:00:00+00:00", str(shop.server.pk), "407"),
    ]


def test_a_name_that_spreadsheets_would_run_is_made_harmless(acme: Organization, ada: User, now: datetime) -> None:
    key = make_key(acme, name="=HYPERLINK(A1)", now=now).key
    use(key, make_model(now=now), at=now, counts=TokenCounts(input=1))

    text = browser_of(ada).get("/usage/export.csv", {"group": "key"}).content.decode()

    assert "'=HYPERLINK(A1)" in text


def test_the_live_part_is_answered_only_where_something_is_new(shop: Shop, acme: Organization, ada: User) -> None:
    browser = browser_of(ada)
    version = browser.get("/usage/").context["version"]

    unchanged = browser.get("/usage/", {"seen": version})
    use(shop.laptop, shop.spark, at=shop.events[0].occurred_at, counts=TokenCounts(output=9))
    changed = browser.get("/usage/", {"seen": version})

    assert unchanged.status_code == 204
    assert changed.status_code == 200
    assert f"seen={version + 1}" in changed.content.decode()
    assert "<html" not in changed.content.decode()


def test_the_receipt_multiplies_up_to_the_amount(shop: Shop, ada: User) -> None:
    event = shop.events[0]

    response = browser_of(ada).get(f"/usage/requests/{event.id}/")

    page = response.content.decode()
    assert sum(line.amount for line in response.context["receipt"]) == event.amount
    for text in ("muse-spark", "Laptop", "Default", "$1.25", "$0.15", "$4.25", "$0.00125", "$0.0000075", "$0.0021075"):
        assert text in page


def test_a_request_is_an_outsiders_404(shop: Shop, eve: User, elsewhere: Organization, client: Client) -> None:
    path = f"/usage/requests/{shop.events[0].id}/"

    assert browser_of(eve).get(path).status_code == 404
    assert client.get(path).status_code == 302


def test_a_request_that_failed_says_so(shop: Shop, ada: User, now: datetime) -> None:
    event = use(
        shop.laptop, shop.spark, at=now, counts=TokenCounts(output=1), outcome=Outcome.ABORTED, is_estimated=True
    )

    page = browser_of(ada).get(f"/usage/requests/{event.id}/").content.decode()

    assert "Hung up" in page
    assert "published estimate" in page


def test_someone_without_an_organization_is_led_to_make_one(ada: User) -> None:
    assert browser_of(ada).get("/usage/").headers["Location"] == reverse("welcome")


def test_the_page_takes_few_queries_whatever_was_used(
    shop: Shop, ada: User, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for minute in range(30):
        use(shop.laptop, shop.spark, at=now + timedelta(minutes=minute), counts=TokenCounts(input=5))
    browser = browser_of(ada)
    version = browser.get("/usage/").context["version"]

    with django_assert_max_num_queries(12):
        browser.get("/usage/", {"range": "30d"})
    with django_assert_max_num_queries(12):
        browser.get("/usage/", {"range": "period", "group": "key"})
    with django_assert_max_num_queries(10):
        browser.get(f"/usage/requests/{shop.events[0].id}/")
    with django_assert_max_num_queries(5):
        browser.get("/usage/", {"seen": version})


def test_another_organizations_keys_are_not_offered(shop: Shop, eve: User, elsewhere: Organization) -> None:
    make_organization(eve, name="Second", now=shop.events[0].occurred_at)

    assert str(shop.laptop.pk) not in page_of(eve)
