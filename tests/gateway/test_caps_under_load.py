"""$10.00, two gateways, 200 streams at once, each of which costs all that it may: no more than $10.00 is captured."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import psycopg
import pytest

from core.budget import EPOCH, Node, Window
from core.budget_wire import BudgetFacts
from core.ids import uuid7
from core.money import PICOS_PER_UNIT
from core.wire import PriceFacts
from gateway.server import configured
from gateway.settings import Settings
from tests.gateway.books import Books
from tests.gateway.published import PRICE, SPARK, Account, Publisher, new_account
from tests.gateway.serving import served

CAP = 10 * PICOS_PER_UNIT
STREAMS = 200
TOKENS = 60
# $0.005 a token: an answer of 60 tokens costs $0.30, and 33 of them fit.
DEAR = PriceFacts(id=PRICE.id, valid_from=0.0, prices={"input": 1, "output": 5_000_000_000})
PROMPT: Any = [{"role": "user", "content": "Tell me about bridges in 3000 words"}]


@pytest.fixture
def gateways(gateway_settings: Settings, tmp_path: Path) -> Iterator[list[str]]:
    def one(name: str) -> Settings:
        return replace(gateway_settings, port=0, journal=tmp_path / name)

    with served(configured(one("first"))) as first, served(configured(one("second"))) as second:
        yield [first, second]


@pytest.mark.parametrize("guard", ["balance", "budget"])
def test_ten_dollars_are_never_overshot(
    gateways: list[str], published: Publisher, books: Books, database_url: str, guard: str
) -> None:
    published.model(replace(SPARK, slug="dear-spark", prices=(DEAR,)))
    credit = 10_000_000 if guard == "balance" else 1_000_000_000
    account = published.account(new_account(), micros=credit)
    books.fund(account.id, micros=credit)
    if guard == "budget":
        a_project_budget(account, published, database_url)

    with ThreadPoolExecutor(STREAMS) as pool:
        codes = list(pool.map(lambda place: ask(gateways[place % 2], account), range(STREAMS)))

    spent = sum(event["amount"] for event in books.events(account.id))
    served_fully = codes.count("")
    assert spent <= CAP
    assert spent == books.spent(account.id)
    assert served_fully == len(books.events(account.id)) == 33
    refused = "credit_balance_exhausted" if guard == "balance" else "project_spend_limit_exceeded"
    assert set(codes) == {"", refused}


def ask(url: str, account: Account) -> str:
    """Try again for as long as the gateway says that waiting helps; answer the code of what refused at last."""
    while True:
        answer = httpx2.post(
            f"{url}/v1/chat/completions",
            headers={"authorization": f"Bearer {account.token.text}"},
            json={"model": "dear-spark", "messages": PROMPT, "max_tokens": TOKENS, "stream": True},
            timeout=90,
        )
        if answer.status_code == 200:
            assert answer.text.endswith("data: [DONE]\n\n")
            return ""
        if "retry-after" not in answer.headers:
            return str(answer.json()["error"]["code"])
        time.sleep(0.5)


def a_project_budget(account: Account, published: Publisher, database_url: str) -> None:
    """As `usage.budgets.set_budget` writes and publishes it, past the ORM: what gateways commit, others must see."""
    budget = BudgetFacts(uuid7(), Node.PROJECT, UUID(account.key.project), Window.LIFETIME, CAP)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO usage_budget"
            ' (id, organization_id, node, node_id, "window", cap, is_hard, thresholds, counted_from)'
            " VALUES (%s, %s, %s, %s, %s, %s, true, '{}', %s)",
            [budget.id, account.id, budget.node, budget.node_id, budget.window, budget.cap, EPOCH],
        )
        raised = "UPDATE usage_wallet SET version = version + 1 WHERE organization_id = %s RETURNING version"
        (version,) = connection.execute(raised, [account.id]).fetchone() or (0,)
    published.budgets(account, budget, version=version)
