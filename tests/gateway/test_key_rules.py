"""What a key may be used for, and from where."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx2
import openai
import pytest
import redis as redis_client

from core.tokens import Environment, keyed_hash, new_token
from core.wire import KEYS_USED, decode_last_use
from gateway import last_uses
from gateway.server import configured
from gateway.settings import Settings, SettingsError, from_environment
from tests.gateway.books import Books
from tests.gateway.conftest import Sdk
from tests.gateway.published import PEPPER, Account, Publisher, new_account
from tests.gateway.serving import served, wait_until


def account_with(published: Publisher, **key: object) -> Account:
    account = new_account()
    return published.account(replace(account, key=replace(account.key, **key)))  # type: ignore[arg-type]


def code_of(url: str, account: Account, **headers: str) -> str | None:
    headers["authorization"] = f"Bearer {account.token.text}"
    body: dict[str, dict[str, str]] = httpx2.get(f"{url}/v1/models", headers=headers).json()
    return body.get("error", {}).get("code")


def test_an_admin_key_lists_no_models_and_calls_none(
    gateway: str, published: Publisher, sdk_for: Callable[[str], Sdk]
) -> None:
    account, token = new_account(), new_token("tw", Environment.ADMIN)
    key = replace(account.key, kind="admin", key_id=token.key_id, hash=keyed_hash(token, PEPPER))
    admin = published.account(replace(account, key=key, token=token))

    with pytest.raises(openai.PermissionDeniedError) as refused:
        sdk_for(admin.token.text).client.chat.completions.create(
            model="muse-spark", messages=[{"role": "user", "content": "Hello"}]
        )

    assert refused.value.code == "admin_key_calls_no_model"
    assert code_of(gateway, admin) == "admin_key_calls_no_model"


def test_a_denied_model_is_neither_listed_nor_served(published: Publisher, sdk_for: Callable[[str], Sdk]) -> None:
    account = account_with(published, denied_models=("muse-spark",))
    sdk = sdk_for(account.token.text).client

    with pytest.raises(openai.PermissionDeniedError) as refused:
        sdk.chat.completions.create(model="muse-spark", messages=[{"role": "user", "content": "Hello"}])

    assert refused.value.code == "model_not_granted"
    assert "muse-spark" not in {model.id for model in sdk.models.list()}
    assert "muse-embed" in {model.id for model in sdk.models.list()}


@pytest.mark.parametrize(
    ("networks", "code"),
    [(("127.0.0.0/8",), None), (("203.0.113.0/24",), "ip_address_not_allowed"), (("::1",), "ip_address_not_allowed")],
)
def test_a_key_bound_to_networks_is_used_from_there_alone(
    gateway: str, published: Publisher, networks: tuple[str, ...], code: str | None
) -> None:
    account = account_with(published, networks=networks)

    assert code_of(gateway, account, **{"x-forwarded-for": "203.0.113.7"}) == code


@pytest.fixture
def behind_proxy(gateway_settings: Settings) -> Iterator[str]:
    """A gateway behind a trusted proxy on this machine."""
    with served(configured(replace(gateway_settings, port=0, trusted_proxies=("127.0.0.1",)))) as url:
        yield url


@pytest.mark.parametrize(
    ("forwarded", "code"),
    [
        ("203.0.113.7", None),
        ("1.2.3.4, 203.0.113.7", None),
        ("203.0.113.7, 1.2.3.4", "ip_address_not_allowed"),
        ("", "ip_address_not_allowed"),
    ],
)
def test_a_trusted_proxy_says_who_calls(
    behind_proxy: str, published: Publisher, forwarded: str, code: str | None
) -> None:
    account = account_with(published, networks=("203.0.113.0/24",))

    assert code_of(behind_proxy, account, **{"x-forwarded-for": forwarded}) == code


def test_an_unreadable_proxy_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
        from_environment(
            {"DATABASE_URL": "x", "REDIS_URL": "x", "KEY_PEPPERS": "p1:" + "5a" * 32, "TRUSTED_PROXIES": "lo"}
        )


@pytest.fixture
def quick_notes(monkeypatch: pytest.MonkeyPatch, gateway_settings: Settings) -> Iterator[str]:
    """A gateway that writes last uses down at once."""
    monkeypatch.setattr(last_uses, "EVERY", 0.05)
    with served(configured(replace(gateway_settings, port=0))) as url:
        yield url


def test_the_last_use_is_noted_with_address_and_model(
    quick_notes: str, ada: Account, books: Books, redis: "redis_client.Redis"
) -> None:
    with openai.OpenAI(api_key=ada.token.text, base_url=f"{quick_notes}/v1") as sdk:
        sdk.embeddings.create(model="muse-embed", input="Hello")

    wait_until(lambda: bool(redis.hexists(KEYS_USED, ada.key.id)))
    use = decode_last_use(str(redis.hget(KEYS_USED, ada.key.id)))
    assert (use.address, use.model) == ("127.0.0.1", "muse-embed")
