"""Which price is in force, and who may call what."""

from dataclasses import replace

import pytest

from core.wire import PriceFacts
from gateway.grants import is_callable, is_granted, price_in_force
from gateway.identify import Caller
from tests.gateway.published import SPARK, new_account

LIST_1 = PriceFacts("list-1", valid_from=100, prices={})
LIST_2 = PriceFacts("list-2", valid_from=200, prices={})
OWN = PriceFacts("own", valid_from=150, prices={}, organization="acme")
PRICED = replace(SPARK, prices=(LIST_1, OWN, LIST_2))


@pytest.mark.parametrize(
    ("organization", "at", "price"),
    [
        ("other", 99, None),
        ("other", 100, LIST_1),
        ("other", 199.9, LIST_1),
        ("other", 200, LIST_2),
        ("acme", 149, LIST_1),
        ("acme", 150, OWN),
        ("acme", 500, OWN),
    ],
)
def test_the_latest_begun_version_is_in_force_and_ones_own_wins(
    organization: str, at: float, price: PriceFacts | None
) -> None:
    assert price_in_force(PRICED, organization=organization, at=at) == price


@pytest.mark.parametrize(
    ("is_public", "organization_has", "key_has", "expected"),
    [
        (True, (), (), True),
        (True, (), ("muse-spark",), True),
        (True, (), ("other",), False),
        (False, (), (), False),
        (False, (), ("muse-spark",), False),
        (False, ("muse-spark",), (), True),
        (False, ("muse-spark",), ("other",), False),
    ],
)
def test_the_organization_and_the_key_must_both_be_granted(
    is_public: bool, organization_has: tuple[str, ...], key_has: tuple[str, ...], expected: bool
) -> None:
    account = new_account(models=organization_has)
    caller = Caller(replace(account.key, models=key_has), account.organization)
    model = replace(SPARK, is_public=is_public)

    assert is_granted(model, caller) is expected
    assert is_callable(model, caller) is expected
    assert not is_callable(replace(model, status="paused"), caller)
