"""For whom of his own customers a caller asks. Unknown ones are served unattributed, suspended ones are refused."""

from dataclasses import replace

from core.verdict import Refusal, Verdict
from gateway.dialects.dialect import Request
from gateway.facts import Facts
from gateway.identify import Caller, Headers

OUR_HEADER = b"x-end-customer"
ANTHROPIC_HEADER = b"anthropic-user-profile-id"
LONGEST = 200


async def attribute(caller: Caller, request: Request, headers: Headers, facts: Facts) -> Caller | Verdict:
    """Answer the caller with the end customer that the request names, if it is a registered one. Raises `RedisDown`."""
    if not caller.organization.has_end_customers:
        return caller
    external_id = _named(request, headers)
    if not external_id or len(external_id) > LONGEST:
        return caller
    customer = await facts.end_customer(caller.organization.id, external_id)
    if customer is None:
        return caller
    if customer.status == "suspended":
        message = f"The end customer '{external_id}' is suspended. The organization's other customers are not."
        return Verdict(Refusal.END_CUSTOMER_SUSPENDED, message)
    return replace(caller, end_customer=customer)


def _named(request: Request, headers: Headers) -> str:
    """Our header wins, then the body; Anthropic's header is asked last."""
    sent = dict(headers)
    return _text(sent.get(OUR_HEADER)) or request.customer or _text(sent.get(ANTHROPIC_HEADER))


def _text(value: bytes | None) -> str:
    return (value or b"").strip().decode("utf-8", "replace")
