"""Usage by API. The clock stands at noon of 8 April 2026."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Organization
from catalog.models import Model
from core.service_tier import ServiceTier
from core.usage import TokenCounts
from keys.models import ApiKey
from tests.factories import PRICES, halved, make_key, make_model, use
from tests.portal.api.conftest import Program, program_of

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TOKENS = TokenCounts(input=1_000, output=200, cache_read=500)
COST = Decimal("0.002175")


@pytest.fixture
def key(acme: Organization, now: datetime) -> ApiKey:
    return make_key(acme, now=now).key


@pytest.fixture
def spark(db: None, now: datetime) -> Model:
    return make_model(now=now)


def ask(program: Program, now: datetime, **asked: Any) -> Any:
    """The usage of the three hours from now on."""
    whole = {"start": now.isoformat(), "end": (now + 3 * HOUR).isoformat(), "bucket": "1h"} | asked
    query = "&".join(f"{name}={str(value).replace('+', '%2B')}" for name, value in whole.items())
    return json.loads(program.send("get", f"/usage?{query}").content)


def results(page: Any) -> list[Any]:
    return [result for bucket in page["data"] for result in bucket["results"]]


def test_each_bucket_says_what_was_used_and_its_cost(ops: Program, key: ApiKey, spark: Model, now: datetime) -> None:
    use(key, spark, at=now, counts=TOKENS)
    use(key, spark, at=now + 10 * MINUTE, counts=TOKENS)
    use(key, spark, at=now + 2 * HOUR, counts=TOKENS)

    page = ask(ops, now)

    assert [bucket["start"] for bucket in page["data"]] == [f"2026-04-08T{hour}:00:00Z" for hour in (12, 13, 14)]
    assert [len(bucket["results"]) for bucket in page["data"]] == [1, 0, 1]
    first = page["data"][0]["results"][0]
    assert (first["requests"], Decimal(first["amount"]), first["currency"]) == (2, 2 * COST, "USD")
    assert (first["tokens"]["input"], first["tokens"]["cache_read"], first["tokens"]["output"]) == (2_000, 1_000, 400)
    assert not page["has_more"]


@pytest.mark.parametrize(("bucket", "first"), [("1m", "12:05"), ("1h", "12:00"), ("1d", "00:00")])
def test_buckets_begin_at_whole_ones(
    ops: Program, key: ApiKey, spark: Model, now: datetime, bucket: str, first: str
) -> None:
    use(key, spark, at=now + 5 * MINUTE + timedelta(seconds=59), counts=TOKENS)
    begin = now + 5 * MINUTE + timedelta(seconds=30)

    page = ask(ops, now, bucket=bucket, start=begin.isoformat(), end=(begin + MINUTE).isoformat())

    assert page["data"][0]["start"] == f"2026-04-08T{first}:00Z"
    assert results(page)[0]["requests"] == 1


def test_usage_is_told_apart_by_several_groups(
    ops: Program, acme: Organization, key: ApiKey, spark: Model, now: datetime
) -> None:
    other = make_key(acme, now=now, name="Server").key
    embed = make_model("muse-embed", now=now, prices=PRICES)
    for each, model in ((key, spark), (other, spark), (other, spark), (other, embed)):
        use(each, model, at=now, counts=TOKENS)

    page = ask(ops, now, group_by="key,model")

    found = {(result["key"], result["model"]): result["requests"] for result in results(page)}
    assert found == {
        (str(key.pk), "muse-spark"): 1,
        (str(other.pk), "muse-spark"): 2,
        (str(other.pk), "muse-embed"): 1,
    }


def test_nobody_in_particular_is_null(ops: Program, key: ApiKey, spark: Model, now: datetime) -> None:
    use(key, spark, at=now, counts=TOKENS)

    assert results(ask(ops, now, group_by="end_customer"))[0]["end_customer"] is None


@pytest.mark.parametrize(
    ("asked", "requests"),
    [
        ({"model": "muse-spark"}, 2),
        ({"model": "muse-embed"}, 1),
        ({"model": "muse-embed,muse-spark"}, 3),
        ({"model": "no-such-model"}, 0),
        ({"service_tier": "batch"}, 1),
        ({"project": "018f0000-0000-7000-8000-000000000000"}, 0),
    ],
)
def test_filters_leave_the_others_out(
    ops: Program, key: ApiKey, now: datetime, asked: dict[str, str], requests: int
) -> None:
    spark = make_model(now=now, tiers={ServiceTier.BATCH: halved(PRICES)})
    embed = make_model("muse-embed", now=now, prices=PRICES)
    use(key, spark, at=now, counts=TOKENS)
    use(key, spark, at=now, counts=TOKENS, service_tier="batch")
    use(key, embed, at=now, counts=TOKENS)

    assert sum(result["requests"] for result in results(ask(ops, now, **asked))) == requests


def test_pages_follow_each_other_without_gap(ops: Program, key: ApiKey, spark: Model, now: datetime) -> None:
    for minutes in range(0, 180, 7):
        use(key, spark, at=now + minutes * MINUTE, counts=TOKENS)

    begins: list[str] = []
    requests, cursor = 0, dict[str, str]()
    while True:
        page = ask(ops, now, bucket="1m", limit=50, **cursor)
        begins += [bucket["start"] for bucket in page["data"]]
        requests += sum(result["requests"] for result in results(page))
        if not page["has_more"]:
            break
        cursor = {"cursor": page["next_cursor"]}

    assert (len(begins), len(set(begins)), requests) == (180, 180, 26)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"bucket": "2h"}, "bucket"),
        ({"start": "yesterday"}, "start"),
        ({"end": "2026-04-08T11:00:00Z"}, "start"),
        ({"group_by": "colour"}, "group_by.0"),
        ({"project": "mine"}, "project.0"),
        ({"limit": 0}, "limit"),
        ({"limit": 745}, "limit"),
        ({"cursor": "later"}, "cursor"),
        ({"modle": "muse-spark"}, "modle"),
    ],
)
def test_what_is_mistyped_is_named(ops: Program, now: datetime, asked: dict[str, Any], field: str) -> None:
    problem = ask(ops, now, **asked)

    assert problem["status"] == 422
    assert [error["field"] for error in problem["errors"]] == [field]


def test_others_usage_is_not_there(outsider: Program, key: ApiKey, spark: Model, now: datetime) -> None:
    use(key, spark, at=now, counts=TOKENS)

    assert results(ask(outsider, now)) == []
    assert results(ask(outsider, now, key=key.pk)) == []


def test_a_key_without_the_scope_is_refused(acme: Organization, now: datetime) -> None:
    assert ask(program_of(acme, "keys:read", now=now), now)["status"] == 403
    assert "data" in ask(program_of(acme, "usage:read", now=now), now)


def test_a_page_costs_few_queries(
    ops: Program, key: ApiKey, spark: Model, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for hours in range(3):
        use(key, spark, at=now + hours * HOUR, counts=TOKENS)

    with django_assert_max_num_queries(8):
        ask(ops, now, group_by="model,key,project")
