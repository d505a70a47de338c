"""The whole path as a new developer walks it: sign up, key, call, tokens, subscription, invoice."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from openai import OpenAI
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionUserMessageParam
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Product

pytestmark = pytest.mark.browser

EMAIL = "grace@navy.example"
PASSWORD = "correct-horse-battery"
# Closing a period on the demo's clock takes several turns of Celery and of the sandbox.
CLOCK_TIMEOUT = 90_000
# The usage page shows a call within this, in milliseconds.
SECONDS_OLD = 2_000
COUNT_SUBSCRIPTIONS = "from billing.models import Subscription; print(Subscription.objects.count() or 'No rows')"
# Set SCREENSHOTS to a folder to keep what the walk saw.
SCREENSHOTS = os.environ.get("SCREENSHOTS")


@dataclass(frozen=True)
class Tokens:
    input: int
    output: int

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.input + other.input, self.output + other.output)


def test_from_an_unknown_visitor_to_a_paid_invoice(product: Product, page: Page) -> None:
    sign_up(product, page)
    key = take_the_first_key(page)
    used = run_the_snippet(page)
    see_the_first_request_arrive(page, used)
    used += call_with_the_sdk(product, key)
    see_the_usage(product, page, used)
    be_declined(product, page)
    subscribe(product, page)
    get_the_invoice(page, used)
    find_the_books_in_order(product)


def sign_up(product: Product, page: Page) -> None:
    page.goto(product.portal)
    look(page, "landing")
    page.get_by_role("link", name="Get an API key").first.click()
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    look(page, "sign-up")
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("mail")

    page.goto(f"{product.portal}/mailbox/")
    look(page, "mailbox")
    page.get_by_role("link", name=re.compile("confirm", re.IGNORECASE)).first.click()
    page.locator(f'a[href^="{product.portal}/accounts/confirm-email/"]').first.click()


def take_the_first_key(page: Page) -> str:
    expect(page.get_by_role("heading", name="Your key is ready")).to_be_visible()
    look(page, "first-key")
    return page.get_by_label("The key", exact=True).input_value()


def run_the_snippet(page: Page) -> Tokens:
    """Paste what the page shows into a shell, as it is."""
    snippet = page.locator("pre").filter(has_text="curl ").first.inner_text()
    answer = subprocess.run(["bash", "-c", snippet], capture_output=True, text=True, check=True).stdout
    usage = json.loads(answer)["usage"]
    return Tokens(usage["prompt_tokens"], usage["completion_tokens"])


def see_the_first_request_arrive(page: Page, used: Tokens) -> None:
    """Without a reload."""
    expect(page.get_by_role("heading", name="Your first request has arrived")).to_be_visible()
    expect(page.get_by_role("status", name="first request")).to_contain_text(f"{used.input + used.output} tokens")
    look(page, "first-request")


def call_with_the_sdk(product: Product, key: str) -> Tokens:
    """Get one answer whole and the same one streamed; answer how many tokens both took."""
    ask: ChatCompletionUserMessageParam = {"role": "user", "content": "Why do toll roads exist?"}
    with OpenAI(base_url=f"{product.gateway}/v1", api_key=key) as client:
        whole = client.chat.completions.create(model="muse-spark", messages=[ask])
        stream = client.chat.completions.create(
            model="muse-spark", messages=[ask], stream=True, stream_options={"include_usage": True}
        )
        chunks = list(stream)
    words = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(words) == whole.choices[0].message.content
    return tokens_of(whole.usage) + tokens_of(chunks[-1].usage)


def tokens_of(usage: CompletionUsage | None) -> Tokens:
    assert usage is not None
    return Tokens(usage.prompt_tokens, usage.completion_tokens)


def see_the_usage(product: Product, page: Page, used: Tokens) -> None:
    page.goto(f"{product.portal}/usage/")
    totals = page.get_by_role("row", name=re.compile("^Total")).first
    expect(totals).to_contain_text(str(used.input), timeout=SECONDS_OLD)
    expect(totals).to_contain_text(str(used.output), timeout=SECONDS_OLD)
    for name in ("muse-spark", "First key", "Default"):
        expect(page.get_by_role("main")).to_contain_text(name)
    look(page, "usage")


def be_declined(product: Product, page: Page) -> None:
    page.goto(f"{product.portal}/pricing/")
    look(page, "pricing")
    page.get_by_role("button", name=re.compile("Build")).first.click()
    pay(page, "4000 0000 0000 0002")

    expect(page.get_by_role("alert")).to_contain_text("declined")
    look(page, "declined")
    assert "No rows" in product.manage("shell", "-c", COUNT_SUBSCRIPTIONS)


COUNT_SUBSCRIPTIONS = "from billing.models import Subscription; print(Subscription.objects.count() or 'No rows')"


def subscribe(product: Product, page: Page) -> None:
    pay(page, "4242 4242 4242 4242")
    page.wait_for_url(f"{product.portal}/billing/**")
    expect(page.get_by_role("main")).to_contain_text("Build")

    page.goto(f"{product.portal}/billing/")
    expect(page.get_by_role("main")).to_contain_text(re.compile("active", re.IGNORECASE))
    expect(page.get_by_role("main")).to_contain_text("$25.00")
    look(page, "billing")


def pay(page: Page, card: str) -> None:
    page.get_by_label("Card number").fill(card)
    page.get_by_label("Expiry").fill("12 / 34")
    page.get_by_label("CVC").fill("123")
    page.get_by_label("Name on card").fill("Grace Hopper")
    page.get_by_role("button", name=re.compile("Subscribe|Pay")).click()


def get_the_invoice(page: Page, used: Tokens) -> None:
    page.get_by_role("button", name="Advance to next invoice").click()
    invoice = page.get_by_role("link", name=re.compile(r"Invoice \S+-\d+"))
    expect(invoice.first).to_be_visible(timeout=CLOCK_TIMEOUT)
    look(page, "advanced")
    invoice.first.click()

    main = page.get_by_role("main")
    expect(main).to_contain_text(re.compile("paid", re.IGNORECASE))
    expect(page.get_by_role("row", name="muse-spark input tokens")).to_contain_text(str(used.input))
    expect(page.get_by_role("row", name="muse-spark output tokens")).to_contain_text(str(used.output))
    expect(main).to_contain_text("Credit applied")
    look(page, "invoice")
    document = page.request.get(f"{page.url}pdf/")
    assert document.headers["content-type"] == "application/pdf"
    assert document.body().startswith(b"%PDF-")


def find_the_books_in_order(product: Product) -> None:
    """Raises where `check_books` finds a promise broken: it then ends with another status than 0."""
    product.manage("check_books")


def look(page: Page, name: str) -> None:
    assert_accessible(page)
    if SCREENSHOTS:
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png", full_page=True)
