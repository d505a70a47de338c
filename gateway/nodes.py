"""The nodes above a request at which limits and budgets stand, as the scripts know them."""

from functools import lru_cache

from core.budget import Node
from core.budget_wire import node_field
from core.wire import ModelFacts, RateLimits
from gateway.identify import Caller

Place = tuple[Node, str]


def places_above_key(caller: Caller) -> list[Place]:
    """From the widest to the narrowest, with the id of each."""
    key = caller.key
    places = [(Node.ORGANIZATION, caller.organization.id), (Node.PROJECT, key.project), (Node.KEY, key.id)]
    return [*places, (Node.MEMBER, key.member)] if key.member else places


def places_above(caller: Caller, model: ModelFacts) -> list[Place]:
    """Also the end customer that the request names, if it is known, and the model."""
    customer = caller.end_customer
    named = [] if customer is None else [(Node.END_CUSTOMER, customer.id)]
    return [*places_above_key(caller), *named, (Node.MODEL, model.id)]


def fields_of(places: list[Place]) -> list[str]:
    return [node_field(node, id_) for node, id_ in places]


def running_counter(caller: Caller) -> str:
    return f"running:{caller.key.id}"


@lru_cache(maxsize=1_000)
def limit_words(limits: RateLimits) -> str:
    """Limits in the order of `rates.lua`, -1 for none; '' where nothing is limited."""
    numbers = (
        limits.requests_per_minute,
        limits.input_tokens_per_minute,
        limits.output_tokens_per_minute,
        limits.concurrent_requests,
        limits.requests_per_day,
    )
    if all(number is None for number in numbers):
        return ""
    return " ".join("-1" if number is None else str(number) for number in numbers)
