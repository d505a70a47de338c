"""One judgement of a key for gateways and the API."""

from dataclasses import replace

import pytest

from core.key_check import may_call, refuse_address, refuse_key, refuse_use
from core.scope import Scope
from core.verdict import Refusal
from core.wire import KeyFacts, decode_key, encode

KEY = KeyFacts(1, "id", "k" * 12, "org", "project", "Laptop", "hash", "p1", "active")
PAGE = "https://example.com/keys/"


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (KEY, None),
        (replace(KEY, status="revoked"), Refusal.REVOKED_KEY),
        (replace(KEY, status="disabled"), Refusal.DISABLED_KEY),
        (replace(KEY, status="archived"), Refusal.DISABLED_KEY),
        (replace(KEY, status="frozen"), Refusal.FROZEN_KEY),
        (replace(KEY, expires_at=100.0), Refusal.EXPIRED_KEY),
        (replace(KEY, expires_at=100.1), None),
    ],
)
def test_a_key_lives_until_it_ends(key: KeyFacts, code: Refusal | None) -> None:
    refused = refuse_key(key, at=100.0, page=PAGE)

    assert (refused and refused.code) == code
    assert refused is None or PAGE in refused.message


@pytest.mark.parametrize(("address", "is_refused"), [("203.0.113.7", False), ("198.51.100.1", True), ("", True)])
def test_a_key_bound_to_networks_is_used_from_there_alone(address: str, is_refused: bool) -> None:
    bound = replace(KEY, networks=("203.0.113.0/24",))

    assert (refuse_address(bound, address=address, page=PAGE) is not None) is is_refused
    assert refuse_address(KEY, address=address, page=PAGE) is None


def test_an_admin_key_calls_no_model_whatever_its_scopes() -> None:
    refused = refuse_use(replace(KEY, kind="admin", scopes=("inference",)), scope=Scope.INFERENCE, page=PAGE)

    assert refused is not None
    assert refused.code == Refusal.ADMIN_KEY


@pytest.mark.parametrize(
    ("scopes", "is_refused"), [((), False), (("inference",), False), (("models",), True), (("keys:read",), True)]
)
def test_scopes_limit_where_there_are_any(scopes: tuple[str, ...], is_refused: bool) -> None:
    assert (refuse_use(replace(KEY, scopes=scopes), scope=Scope.INFERENCE, page=PAGE) is not None) is is_refused


@pytest.mark.parametrize(
    ("allowed", "denied", "may"),
    [((), (), True), (("a",), (), True), (("b",), (), False), ((), ("a",), False), (("a",), ("a",), False)],
)
def test_what_is_denied_is_denied(allowed: tuple[str, ...], denied: tuple[str, ...], may: bool) -> None:
    assert may_call(replace(KEY, models=allowed, denied_models=denied), "a") is may


def test_facts_of_an_older_publisher_are_read() -> None:
    older = '{"version":1,"id":"i","key_id":"k","organization":"o","project":"p","name":"n","hash":"h","pepper":"p1",'
    older += '"status":"active","expires_at":null,"scopes":[],"models":["a"]}'

    facts = decode_key(older)

    assert (facts.kind, facts.models, facts.denied_models, facts.networks) == ("secret", ("a",), (), ())
    assert decode_key(encode(replace(facts, networks=("::1",)))).networks == ("::1",)
