"""What a request costs: the prices of the version and service tier that it was admitted at."""

from dataclasses import replace

import pytest

from core.ids import uuid7
from core.usage import TokenCounts
from core.usage_event import Outcome
from gateway.admit import Reservation, Room
from gateway.call import Call
from gateway.identify import Caller
from tests.gateway.published import PRICE, PRICES, SPARK, new_account

COUNTS = TokenCounts(input=1_000, output=10)
PRICED = replace(PRICE, tiers={"batch": {name: price // 2 for name, price in PRICES.items()}})


ROOM = Room(None, 0, 0)
RESERVED = Reservation(1, 1_000, 10, ROOM, ROOM, ROOM)


def call(tier: str) -> Call:
    account = new_account()
    caller = Caller(account.key, account.organization)
    return Call(uuid7(), caller, SPARK, PRICED, RESERVED, is_stream=False, service_tier=tier)


@pytest.mark.parametrize(("tier", "amount"), [("standard", 1_292_500_000), ("batch", 646_250_000)])
def test_an_event_is_charged_at_its_service_tier(tier: str, amount: int) -> None:
    event = call(tier).event(COUNTS, Outcome.COMPLETED, is_estimated=False)

    assert (event.service_tier, event.amount) == (tier, amount)


def test_a_tier_without_prices_is_never_free() -> None:
    with pytest.raises(ValueError, match="has no prices for the tier flex"):
        call("flex").event(COUNTS, Outcome.COMPLETED, is_estimated=False)
