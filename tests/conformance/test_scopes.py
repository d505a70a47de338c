"""Who pays, for whom, and at which tier: what the SDKs send besides the body is honoured or refused."""

from dataclasses import replace
from typing import Any

import pytest
import redis as redis_client

from core import wire
from core.ids import uuid7
from core.wire import EndCustomerFacts
from tests.conformance.sdk import Sdk
from tests.gateway.books import Books
from tests.gateway.published import PRICE, PRICES, SPARK, Account, Publisher

PROMPT: Any = [{"role": "user", "content": "Tell me about bridges"}]
CHAT: dict[str, Any] = {"model": "muse-spark", "messages": PROMPT, "max_tokens": 50}
OTHER = "0197f000-0000-7000-8000-00000000ffff"


@pytest.mark.parametrize("name", ["organization", "project"])
def test_another_organization_or_project_is_refused_with_both_ids(openai: Sdk, ada: Account, name: str) -> None:
    openai.client[name] = OTHER

    called = openai.refused("chat.completions.create", **CHAT)

    own = ada.organization.id if name == "organization" else ada.key.project
    assert (called.raised["class"], called.raised["code"]) == ("AuthenticationError", f"mismatched_{name}")
    assert (called.attempts, OTHER in called.raised["message"], own in called.raised["message"]) == (1, True, True)


def test_the_keys_own_are_served(openai: Sdk, ada: Account) -> None:
    openai.client |= {"organization": ada.organization.id, "project": ada.key.project}

    assert openai.create("chat.completions.create", **CHAT).value["object"] == "chat.completion"


def test_another_workspace_is_refused(anthropic: Sdk, ada: Account) -> None:
    called = anthropic.refused("messages.create", **CHAT, extra_headers={"anthropic-workspace-id": OTHER})

    assert (called.raised["class"], called.attempts) == ("AuthenticationError", 1)
    assert ada.key.project in called.raised["message"]


def test_the_tier_that_was_served_is_echoed_and_billed(
    openai: Sdk, ada: Account, published: Publisher, books: Books
) -> None:
    half = {name: price // 2 for name, price in PRICES.items()}
    published.model(replace(SPARK, version=2, prices=(replace(PRICE, tiers={"flex": half}),)))

    flex = openai.create("chat.completions.create", **CHAT, service_tier="flex").value
    usual = openai.create("responses.create", model="muse-spark", input="Hi", service_tier="auto").value
    refused = openai.refused("chat.completions.create", **CHAT, service_tier="priority")

    assert (flex["service_tier"], usual["service_tier"]) == ("flex", "default")
    assert [event["service_tier"] for event in books.events(ada.id)] == ["flex", "standard"]
    assert (refused.raised["class"], refused.raised["param"]) == ("BadRequestError", "service_tier")
    assert refused.attempts == 1


def test_anthropics_tier_is_standard(anthropic: Sdk) -> None:
    message = anthropic.create("messages.create", **CHAT, service_tier="standard_only").value

    assert message["usage"]["service_tier"] == "standard"


def test_a_suspended_end_customer_is_refused_and_siblings_are_not(
    openai: Sdk, anthropic: Sdk, ada: Account, published: Publisher, redis: redis_client.Redis
) -> None:
    organization = replace(ada.organization, version=2, has_end_customers=True)
    published.account(replace(ada, organization=organization), micros=None)
    for name, status in (("bolt", "active"), ("crook", "suspended")):
        facts = EndCustomerFacts(version=1, id=str(uuid7()), name=name, status=status)
        redis.set(wire.end_customer_facts_at(ada.id, name), wire.encode(facts))

    def ask_openai(name: str) -> Any:
        return openai.refused("chat.completions.create", **CHAT, user=name)

    def ask_anthropic(name: str) -> Any:
        return anthropic.refused("messages.create", **CHAT, metadata={"user_id": name})

    for ask in (ask_openai, ask_anthropic):
        called = ask("crook")
        assert "PermissionDeniedError" in called.raised["bases"]
        assert called.attempts == 1
        assert ask("bolt").error is None


def test_the_cost_is_in_header_and_usage(openai: Sdk, anthropic: Sdk) -> None:
    chat = openai.create("chat.completions.create", **CHAT)
    chunks = openai.events("chat.completions.create", **CHAT, stream_options={"include_usage": True}).events
    message = anthropic.create("messages.create", **CHAT)
    final = anthropic.helper("messages.stream", **CHAT).value

    for answer in (chat, message):
        assert answer.value["usage"]["cost"] == pytest.approx(float(answer.headers["x-request-cost"]))
    assert chunks[-1]["usage"]["cost"] > 0
    assert final["usage"]["output_tokens"] > 0


def test_a_retiring_model_says_so(openai: Sdk, anthropic: Sdk, published: Publisher) -> None:
    published.model(
        replace(SPARK, version=3, lifecycle="deprecated", deprecated_at=1_790_000_000.0, retires_at=1_800_000_000.0)
    )

    for called in (openai.create("chat.completions.create", **CHAT), anthropic.create("messages.create", **CHAT)):
        assert called.headers["deprecation"] == "@1790000000"
        assert called.headers["sunset"].endswith("GMT")
