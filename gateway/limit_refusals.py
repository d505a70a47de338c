"""What a caller is told when a limit refuses: which node, its limit, what is used, when it resets, what mends it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.budget import EPOCH, Node, Window, window_end
from core.refusals import Page
from core.verdict import Refusal, Verdict
from gateway.identify import NOT_PUBLISHED_YET, Caller
from gateway.nodes import Place

LONGEST_WAIT = 60.0
RATES = {
    "requests": (Refusal.REQUESTS_PER_MINUTE, "requests per minute"),
    "input": (Refusal.INPUT_TOKENS_PER_MINUTE, "input tokens per minute"),
    "output": (Refusal.OUTPUT_TOKENS_PER_MINUTE, "output tokens per minute"),
}
SPEND_LIMITS = {
    Node.ORGANIZATION: Refusal.ORGANIZATION_SPEND_LIMIT,
    Node.PROJECT: Refusal.PROJECT_SPEND_LIMIT,
    Node.KEY: Refusal.KEY_SPEND_LIMIT,
    Node.MEMBER: Refusal.MEMBER_SPEND_LIMIT,
    Node.END_CUSTOMER: Refusal.END_CUSTOMER_SPEND_LIMIT,
    Node.MODEL: Refusal.MODEL_SPEND_LIMIT,
}
CURRENCY = "USD"


@dataclass(frozen=True, slots=True)
class Refused:
    """What was asked for: micro-dollars to hold, by whom, at which nodes."""

    hold: int
    caller: Caller
    places: list[Place]
    portal_url: str

    def page(self, page: Page) -> str:
        return f"{self.portal_url}{page}"

    def node(self, name: bytes) -> tuple[str, dict[str, object]]:
        """How a node is called in a sentence, and in the refusal's facts."""
        if name == b"key":
            return f"The key '{self.caller.key.name}'", {"node": "key", "id": self.caller.key.id}
        return f"'{self.caller.organization.name}'", {"node": "organization", "id": self.caller.organization.id}


def refusal_of(kind: str, answer: list[Any], refused: Refused) -> Verdict:
    """Make a verdict of what `lua/admit.lua` answered."""
    if kind in RATES:
        return _too_fast(kind, answer, refused)
    return OTHERS[kind](answer, refused)


def dollars(micros: int) -> str:
    return f"{Decimal(micros).scaleb(-6):f}"


def instant(seconds: int) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


def shown_instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _unpublished(_answer: list[Any], _refused: Refused) -> Verdict:
    return NOT_PUBLISHED_YET


def _no_credit(answer: list[Any], refused: Refused) -> Verdict:
    available, held = answer
    page, needed = refused.page(Page.BILLING), dollars(refused.hold)
    name, facts = refused.node(b"organization")
    facts |= {"limit": dollars(available), "used": dollars(held), "needed": needed, "url": page}
    if available >= refused.hold:
        message = (
            f"The balance of ${dollars(available)} is reserved by requests in flight "
            f"(${dollars(held)}); this one may cost ${needed}. Add credit: {page}"
        )
        return Verdict(Refusal.CREDIT_RESERVED, message, retry_after=1, limit=facts)
    message = (
        f"The balance of {name} is ${dollars(available)}, and this request may cost "
        f"${needed}. Add credit, or ask for fewer tokens: {page}"
    )
    return Verdict(Refusal.CREDIT_EXHAUSTED, message, limit=facts)


def _over_budget(answer: list[Any], refused: Refused) -> Verdict:
    _, place, id_, window_name, cap, spent, reserved, start = answer
    node, node_id = refused.places[place - 1]
    window = Window(window_name.decode())
    resets_at = shown_instant(window_end(window, instant(start)))
    page, needed = refused.page(Page.LIMITS), dollars(refused.hold)
    facts: dict[str, object] = {
        "node": node.value,
        "id": node_id,
        "budget": id_.decode(),
        "window": window.value,
        "currency": CURRENCY,
        "limit": dollars(cap),
        "used": dollars(spent),
        "reserved": dollars(reserved),
        "needed": needed,
        "resets_at": resets_at,
        "url": page,
    }
    limit = f"The {window.adjective} spend limit of ${dollars(cap)} of this {node.label}"
    if spent + refused.hold <= cap:
        message = (
            f"{limit} is reserved by requests in flight (${dollars(reserved)}, besides ${dollars(spent)} spent); "
            f"this one may cost ${needed}. Try again, or raise it: {page}"
        )
        return Verdict(Refusal.SPEND_LIMIT_RESERVED, message, retry_after=1, limit=facts)
    until = f"It resets at {resets_at}." if resets_at else "It never resets."
    message = f"{limit} leaves no room: ${dollars(spent)} is spent, and this request may cost ${needed}. {until}"
    return Verdict(SPEND_LIMITS[node], f"{message} Raise it: {page}", limit=facts)


def _too_many_today(answer: list[Any], refused: Refused) -> Verdict:
    """Midnight may be hours away, so that no SDK is told to wait for it."""
    name, limit, used, now_ms = answer
    who, facts = refused.node(name)
    page = refused.page(Page.LIMITS)
    day = instant(now_ms // 1000 // 86_400 * 86_400)
    resets_at = shown_instant(window_end(Window.DAY, day))
    facts |= {"limit": limit, "used": used, "window": "day", "resets_at": resets_at, "url": page}
    message = f"{who} has used {used:,} of {limit:,} requests per day. It resets at {resets_at}. Raise it: {page}"
    return Verdict(Refusal.REQUESTS_PER_DAY, message, limit=facts)


def _too_many_at_once(answer: list[Any], refused: Refused) -> Verdict:
    name, limit, used = answer
    who, facts = refused.node(name)
    page = refused.page(Page.LIMITS)
    message = f"{who} has {used} requests in flight, and may have {limit}. Raise it: {page}"
    facts |= {"limit": limit, "used": used, "url": page}
    return Verdict(Refusal.CONCURRENT_REQUESTS, message, retry_after=1 if limit else None, limit=facts)


def _too_fast(kind: str, answer: list[Any], refused: Refused) -> Verdict:
    name, limit, used, wait_ms = answer
    code, unit = RATES[kind]
    who, facts = refused.node(name)
    page = refused.page(Page.LIMITS)
    facts |= {"limit": limit, "used": used, "unit": unit, "url": page}
    if wait_ms < 0:
        message = f"This request alone is larger than the limit of {limit:,} {unit} of {who[0].lower()}{who[1:]}"
        return Verdict(Refusal.REQUEST_EXCEEDS_LIMIT, f"{message}. Raise it: {page}", limit=facts)
    seconds = wait_ms / 1000
    message = f"{who} has used {used:,} of {limit:,} {unit}. Try again in {seconds:.3g} s"
    facts["reset_seconds"] = seconds
    return Verdict(code, f"{message}, or raise it: {page}", retry_after=min(seconds, LONGEST_WAIT), limit=facts)


OTHERS: dict[str, Callable[[list[Any], Refused], Verdict]] = {
    "unpublished": _unpublished,
    "balance": _no_credit,
    "budget": _over_budget,
    "day": _too_many_today,
    "concurrency": _too_many_at_once,
}
