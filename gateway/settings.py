"""The gateway's settings, read from the environment once; a missing or unreadable one stops the start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.networks import canonical
from core.signed import parse_signing_key
from core.tokens import parse_peppers
from gateway.connection_limits import ConnectionLimits

LONGEST_KEEP_ALIVE = 14.0


class SettingsError(Exception):
    """One sentence that names the variable and what it must be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Durations are seconds. Nothing here is ever logged."""

    host: str
    port: int
    database_url: str
    redis_url: str
    peppers: Mapping[str, bytes]
    brand: str
    model_server_url: str
    model_server_key: str
    portal_url: str
    journal: Path
    journal_events: int = 50_000
    journal_age: float = 900.0
    keep_alive: float = 10.0
    grace: float = 20.0
    retry_grace: float = 5.0
    upstream_keys: Mapping[str, str] = field(default_factory=dict)
    upstream_timeout: float = 600.0  # of MODEL_SERVER_URL; upstreams that staff named have their own
    upstream_connections: int = 2_000  # to each server
    max_body: int = 16 * 1024 * 1024
    body_seconds: float = 60.0
    connection_limits: ConnectionLimits = field(default_factory=ConnectionLimits)
    trusted_proxies: tuple[str, ...] = ()
    batch_signing_key: bytes = b""  # empty: no files and no batches
    max_passed: int = 101 * 1024 * 1024  # a file of 100 MiB, and what multipart/form-data puts around it
    control_url: str = ""  # where the control plane answers for files and batches


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    def text(name: str, default: str | None = None) -> str:
        value = environment.get(name) or default
        if value is None:
            raise SettingsError(f"Set {name}: the gateway can't start without it.")
        return value

    def number(name: str, default: float) -> float:
        try:
            return float(environment.get(name) or default)
        except ValueError:
            raise SettingsError(f"{name} must be a number, not {environment[name]!r}.") from None

    return Settings(
        host=text("GATEWAY_HOST", "127.0.0.1"),
        port=int(number("GATEWAY_PORT", 8080)),
        database_url=text("DATABASE_URL"),
        redis_url=text("REDIS_URL"),
        peppers=_peppers(text("KEY_PEPPERS")),
        brand=text("KEY_BRAND", "tw"),
        model_server_url=text("MODEL_SERVER_URL", "http://127.0.0.1:8020/v1").rstrip("/"),
        model_server_key=environment.get("MODEL_SERVER_KEY", ""),
        portal_url=text("PORTAL_URL", "http://127.0.0.1:8000").rstrip("/"),
        journal=Path(text("GATEWAY_JOURNAL", "var/journal")).resolve(),
        journal_events=int(number("GATEWAY_JOURNAL_EVENTS", 50_000)),
        journal_age=number("GATEWAY_JOURNAL_AGE", 900),
        keep_alive=_keep_alive(number("GATEWAY_KEEP_ALIVE", 10)),
        grace=number("GATEWAY_GRACE", 20),
        retry_grace=number("GATEWAY_RETRY_GRACE", 5),
        upstream_keys=_upstream_keys(environment.get("UPSTREAM_KEYS", "")),
        upstream_timeout=number("GATEWAY_UPSTREAM_TIMEOUT", 600),
        upstream_connections=int(number("GATEWAY_UPSTREAM_CONNECTIONS", 2_000)),
        max_body=int(number("GATEWAY_BODY_BYTES", 16 * 1024 * 1024)),
        body_seconds=number("GATEWAY_BODY_SECONDS", 60),
        connection_limits=ConnectionLimits(
            header_bytes=int(number("GATEWAY_HEADER_BYTES", 32 * 1024)),
            header_seconds=number("GATEWAY_HEADER_SECONDS", 10),
            idle_seconds=number("GATEWAY_IDLE_SECONDS", 75),
            write_seconds=number("GATEWAY_WRITE_SECONDS", 60),
            connections=int(number("GATEWAY_CONNECTIONS", 0)),
            connections_per_address=int(number("GATEWAY_CONNECTIONS_PER_ADDRESS", 0)),
        ),
        trusted_proxies=_networks(environment.get("TRUSTED_PROXIES", "")),
        batch_signing_key=_signing_key(environment.get("BATCH_SIGNING_KEY", "")),
        max_passed=int(number("FILE_MAX_BYTES", 100 * 1024 * 1024)) + 1024 * 1024,
        control_url=text("CONTROL_URL", text("PORTAL_URL", "http://127.0.0.1:8000")).rstrip("/"),
    )


def _signing_key(text: str) -> bytes:
    try:
        return parse_signing_key(text)
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _keep_alive(seconds: float) -> float:
    """Clients and proxies give up on a stream that is silent for 15 seconds; silence is looked for once a second."""
    if not 0 < seconds <= LONGEST_KEEP_ALIVE:
        raise SettingsError(f"GATEWAY_KEEP_ALIVE must be more than 0 and at most {LONGEST_KEEP_ALIVE:g} seconds.")
    return seconds


def _networks(text: str) -> tuple[str, ...]:
    """Read comma-separated addresses and networks."""
    try:
        return tuple(canonical(part for part in text.split(",") if part.strip()))
    except ValueError as error:
        raise SettingsError(f"TRUSTED_PROXIES: {error}") from None


def _upstream_keys(text: str) -> Mapping[str, str]:
    """Read `name=secret,…`. A secret may have any character but a comma and spaces around it."""
    keys: dict[str, str] = {}
    for place, part in enumerate(filter(None, map(str.strip, text.split(","))), 1):
        name, _, secret = part.partition("=")
        if not secret.strip() or not name.strip():
            raise SettingsError(f"UPSTREAM_KEYS must be name=secret, separated by commas; part {place} is not.")
        keys[name.strip()] = secret.strip()
    return keys


def _peppers(text: str) -> Mapping[str, bytes]:
    try:
        return parse_peppers(text)
    except ValueError as error:
        raise SettingsError(str(error)) from None
