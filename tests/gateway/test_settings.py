import pytest

from gateway.settings import SettingsError, from_environment

WHOLE = {"DATABASE_URL": "postgres:///x", "REDIS_URL": "redis://127.0.0.1", "KEY_PEPPERS": "p1:00"}


def test_what_has_a_default_may_be_left_out() -> None:
    settings = from_environment(WHOLE)

    assert (settings.host, settings.port, settings.brand) == ("127.0.0.1", 8080, "tw")
    assert settings.model_server_url == "http://127.0.0.1:8020/v1"


@pytest.mark.parametrize("name", WHOLE)
def test_what_has_none_is_asked_for_by_name(name: str) -> None:
    with pytest.raises(SettingsError, match=f"Set {name}"):
        from_environment(WHOLE | {name: ""})


def test_an_unreadable_value_is_named() -> None:
    with pytest.raises(SettingsError, match="GATEWAY_PORT must be a number"):
        from_environment(WHOLE | {"GATEWAY_PORT": "http"})
    with pytest.raises(SettingsError, match="KEY_PEPPERS"):
        from_environment(WHOLE | {"KEY_PEPPERS": "secret"})
