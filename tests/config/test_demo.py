"""The demo's environment: secrets that stay, servers of our own unless the caller has some, and a private file."""

import re
import stat
from pathlib import Path

import pytest

from config.processes.demo import CALLERS_OWN, Demo, read_saved
from config.processes.folder import DemoFolder
from config.processes.secret_files import secret

COMPUTED = (
    *("DATABASE_URL", "GATEWAY_HOST", "GATEWAY_JOURNAL", "GATEWAY_PORT", "GATEWAY_URL", "KEY_BRAND", "KEY_PEPPERS"),
    *("MODEL_PORT", "MODEL_SERVER_URL", "PORT", "PORTAL_URL", "REDIS_URL", "SECRET_KEY", "STRIPE_SANDBOX_PORT"),
    *("STRIPE_SANDBOX_URL", "STRIPE_SECRET_KEY", "TOLLWAY_DEMO", "BATCH_SIGNING_KEY"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DemoFolder:
    for name in (*COMPUTED, *CALLERS_OWN):
        monkeypatch.delenv(name, raising=False)
    folder = DemoFolder(tmp_path / "var")
    folder.create()
    return folder


def demo_of(folder: DemoFolder) -> Demo:
    return Demo(folder, starts_processes=False)


def test_secrets_are_generated_once_and_private(folder: DemoFolder) -> None:
    first = demo_of(folder).environment
    second = demo_of(folder).environment

    assert re.fullmatch(r"p1:[0-9a-f]{64}", first["KEY_PEPPERS"])
    assert first["STRIPE_SECRET_KEY"].startswith("sk_test_sandbox_")
    for name in ("SECRET_KEY", "KEY_PEPPERS", "BATCH_SIGNING_KEY", "STRIPE_SECRET_KEY"):
        assert first[name] == second[name]
        assert stat.S_IMODE((folder.path / "secrets" / name.lower()).stat().st_mode) == 0o600


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    assert secret(tmp_path / "a", "SECRET_KEY") != secret(tmp_path / "b", "SECRET_KEY")


def test_without_databases_of_the_callers_own_both_are_ours(folder: DemoFolder) -> None:
    demo = demo_of(folder)

    assert [server.name for server in demo.servers] == ["PostgreSQL", "Redis"]
    assert str(folder.path / "postgres") in demo.environment["DATABASE_URL"]
    assert demo.environment["REDIS_URL"].startswith("redis://127.0.0.1:")


def test_what_the_caller_has_is_used_and_not_started(folder: DemoFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    own = {
        "DATABASE_URL": "postgresql://db.example/toll",
        "REDIS_URL": "redis://redis.example/0",
        "STRIPE_SECRET_KEY": "sk_test_own",
        "MODEL_SERVER_URL": "https://models.example/v1",
    }
    for name, value in own.items():
        monkeypatch.setenv(name, value)

    demo = demo_of(folder)

    assert demo.servers == []
    assert (demo.stripe_port, demo.model_port) == (None, None)
    assert own.items() <= demo.environment.items()
    assert "STRIPE_SANDBOX_URL" not in demo.environment


def test_urls_follow_the_ports(folder: DemoFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("GATEWAY_PORT", "0")

    environment = demo_of(folder).environment

    assert environment["PORTAL_URL"] == "http://127.0.0.1:9000"
    assert environment["GATEWAY_PORT"] != "0"
    assert environment["GATEWAY_URL"] == f"http://127.0.0.1:{environment['GATEWAY_PORT']}"


def test_a_second_terminal_reads_the_same_environment(folder: DemoFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SELLER_NAME", 'O\'Hara & Söhne, "Ltd."\nSecond line')
    demo = demo_of(folder)

    demo.save()

    assert read_saved(folder.environment_file) == demo.environment
    assert stat.S_IMODE(folder.environment_file.stat().st_mode) == 0o600
