"""Which models a caller may call, and the price in force for it."""

from core.key_check import may_call
from core.verdict import Refusal, Verdict
from core.wire import LONGEST_SLUG, ModelFacts, PriceFacts, model_facts_at
from gateway.facts import Facts
from gateway.identify import NOT_PUBLISHED_YET, Caller


async def find_model(slug: str, *, caller: Caller, facts: Facts) -> ModelFacts | Verdict:
    """A model that this caller may name; it may be paused. Raises `RedisDown`."""
    if len(slug) > LONGEST_SLUG:  # A body's worth of name is neither looked up nor said again.
        message = f"The name of a model has at most {LONGEST_SLUG} characters. GET /v1/models lists them."
        return Verdict(Refusal.MODEL_NOT_FOUND, message, param="model")
    model = await facts.model(slug)
    if model is None and await facts.may_be_missing(model_facts_at(slug)):
        return NOT_PUBLISHED_YET
    if model is None or model.status == "closed":
        message = f"The model '{slug}' does not exist. GET /v1/models lists those that this key may call."
        return Verdict(Refusal.MODEL_NOT_FOUND, message, param="model")
    if not is_granted(model, caller):
        whose = "This API key" if _may_organization(model, caller) else f"'{caller.organization.name}'"
        message = f"{whose} has no access to the model '{slug}'."
        return Verdict(Refusal.MODEL_NOT_GRANTED, message, param="model")
    return model


def is_granted(model: ModelFacts, caller: Caller) -> bool:
    return _may_organization(model, caller) and may_call(caller.key, model.slug)


def is_callable(model: ModelFacts, caller: Caller) -> bool:
    return model.status == "callable" and is_granted(model, caller)


def refuse_unless_callable(model: ModelFacts, *, kind: str) -> Verdict | None:
    if model.status != "callable":
        return Verdict(Refusal.MODEL_PAUSED, f"The model '{model.slug}' is paused by its operator.", param="model")
    if model.kind != kind:
        message = f"The model '{model.slug}' is for {model.kind}, not for {kind}."
        return Verdict(Refusal.INVALID_REQUEST, message, param="model")
    return None


def price_in_force(model: ModelFacts, *, organization: str, at: float) -> PriceFacts | None:
    """The latest version in force at the Unix second `at`; the organization's own win over the list's."""
    begun = [price for price in model.prices if price.valid_from <= at]
    own = [price for price in begun if price.organization == organization]
    listed = [price for price in begun if price.organization is None]
    return max(own or listed, key=lambda price: price.valid_from, default=None)


def _may_organization(model: ModelFacts, caller: Caller) -> bool:
    return model.is_public or model.slug in caller.organization.models
