"""Keys that are refused before anything is looked up, and those for which the facts are missing."""

from typing import Any, cast

import pytest

from core.scope import Scope
from core.verdict import Refusal, Verdict
from core.wire import KeyFacts, OrganizationFacts
from gateway.facts import Facts
from gateway.identify import Caller, identify
from gateway.settings import from_environment
from tests.gateway.published import Account, new_account

SETTINGS = from_environment({"DATABASE_URL": "x", "REDIS_URL": "x", "KEY_PEPPERS": "p1:" + "5a" * 32})


class FewFacts:
    """What one account has published."""

    def __init__(self, account: Account | None = None, *, has_organization: bool = True) -> None:
        self._account = account
        self._has_organization = has_organization
        self.look_ups = 0

    async def key(self, key_id: str) -> KeyFacts | None:
        self.look_ups += 1
        return self._account.key if self._account and self._account.key.key_id == key_id else None

    async def organization(self, organization: str) -> OrganizationFacts | None:
        return self._account.organization if self._account and self._has_organization else None

    async def may_be_missing(self, redis_key: str) -> bool:
        return self._account is None

    def need(self, redis_key: str) -> None:
        """Nobody publishes here."""


async def answer(facts: FewFacts, *headers: tuple[bytes, bytes]) -> Caller | Verdict:
    return await identify(list(headers), scope=Scope.INFERENCE, facts=cast("Facts", facts), settings=SETTINGS)


def bearer(text: str) -> tuple[bytes, bytes]:
    return b"authorization", f"Bearer {text}".encode()


@pytest.mark.parametrize("name", [b"authorization", b"x-api-key"])
async def test_both_header_styles_are_read(name: bytes) -> None:
    ada = new_account()
    value = ada.token.text.encode()

    found = await answer(FewFacts(ada), (name, b"Bearer " + value if name == b"authorization" else value))

    assert found == Caller(ada.key, ada.organization, prefix=ada.token.prefix)


@pytest.mark.parametrize("header", [(b"accept", b"*/*"), (b"authorization", b"Basic eA=="), bearer("")])
async def test_no_key_is_told_how_to_send_one(header: tuple[bytes, bytes]) -> None:
    refused: Any = await answer(FewFacts(), header)

    assert refused.code == Refusal.MISSING_KEY
    assert "Authorization: Bearer tw_live_" in refused.message


@pytest.mark.parametrize("text", ["tw_live_" + "0" * 50, "tw_admin_" + "0" * 50, "sk-1", "\xff", "tw_live_"])
async def test_a_malformed_key_costs_no_look_up(text: str) -> None:
    facts = FewFacts(new_account())

    refused: Any = await answer(facts, (b"authorization", b"Bearer " + text.encode("latin-1")))

    assert (refused.code, facts.look_ups) == (Refusal.MALFORMED_KEY, 0)


async def test_an_unknown_pepper_is_a_wrong_key() -> None:
    ada = new_account()
    other = from_environment({"DATABASE_URL": "x", "REDIS_URL": "x", "KEY_PEPPERS": "p2:00"})

    refused: Any = await identify(
        [bearer(ada.token.text)], scope=Scope.MODELS, facts=cast("Facts", FewFacts(ada)), settings=other
    )

    assert refused.code == Refusal.INVALID_KEY


async def test_facts_that_are_not_published_yet_are_no_refusal_of_the_key() -> None:
    ada = new_account()

    unknown: Any = await answer(FewFacts(), bearer(ada.token.text))
    halfway: Any = await answer(FewFacts(ada, has_organization=False), bearer(ada.token.text))

    assert (unknown.code, unknown.retry_after) == (Refusal.UNAVAILABLE, 1)
    assert (halfway.code, halfway.retry_after) == (Refusal.UNAVAILABLE, 1)
