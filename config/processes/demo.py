"""The environment of a demo: what the caller set, and a value of our own for everything else."""

import os
import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from config.embedded.postgres import Postgres
from config.embedded.redis_server import LOOPBACK, RedisServer
from config.embedded.server import Server
from config.processes.folder import DemoFolder
from config.processes.ports import chosen_port, kept_port, refuse_shared_ports
from config.processes.secret_files import secret, write_private

# Settings that only the caller can know; `bin/manage` in a second terminal must see them too.
CALLERS_OWN = (
    "ALLOWED_HOSTS",
    "BATCH_CONCURRENCY",
    "BATCH_GATEWAY_URL",
    "BATCH_LEASE_SECONDS",
    "BATCH_MAX_LINES",
    "BRAND_NAME",
    "CONTROL_URL",
    "CSRF_TRUSTED_ORIGINS",
    "DEBUG",
    "EMAIL_HOST",
    "EMAIL_HOST_PASSWORD",
    "EMAIL_HOST_USER",
    "EMAIL_PORT",
    "EMAIL_USE_TLS",
    "FILE_MAX_BYTES",
    "GITHUB_PUBLIC_KEYS_URL",
    "INVOICE_CLOSE_DELAY",
    "MAIL_FROM",
    "MODEL_SERVER_KEY",
    "PROJECT_FILES_MAX_BYTES",
    "SELLER_ADDRESS",
    "SELLER_NAME",
    "SIGNUP_CREDIT_CENTS",
    "STRIPE_ALLOW_LIVE",
    "STRIPE_WEBHOOK_SECRET",
    "TRUSTED_PROXIES",
    "UPSTREAM_KEYS",
)


@dataclass(frozen=True)
class Demo:
    """Everything that is computed before the first process starts. Ports are chosen when first asked for."""

    folder: DemoFolder
    starts_processes: bool = True

    @cached_property
    def postgres(self) -> Postgres | None:
        return None if os.environ.get("DATABASE_URL") else Postgres(self.folder.path / "postgres")

    @cached_property
    def redis(self) -> RedisServer | None:
        if os.environ.get("REDIS_URL"):
            return None
        return RedisServer(self.folder.path / "redis", kept_port(self.folder.path / "run" / "redis.port"))

    @property
    def servers(self) -> list[Server]:
        return [server for server in (self.postgres, self.redis) if server is not None]

    @cached_property
    def portal_port(self) -> int:
        return self._port("PORT", 8000)

    @cached_property
    def gateway_port(self) -> int:
        return self._port("GATEWAY_PORT", 8080)

    @cached_property
    def stripe_port(self) -> int | None:
        """Answer the port of the Stripe sandbox; None when the caller has a key of Stripe's own."""
        return None if os.environ.get("STRIPE_SECRET_KEY") else self._port("STRIPE_SANDBOX_PORT", 8012)

    @cached_property
    def model_port(self) -> int | None:
        """Answer the port of the demo model server; None when the caller has a model server."""
        return None if os.environ.get("MODEL_SERVER_URL") else self._port("MODEL_PORT", 8020)

    @cached_property
    def environment(self) -> dict[str, str]:
        """Answer every variable that the product reads; what the caller set wins."""
        self._refuse_shared_ports()
        computed = {
            "BATCH_SIGNING_KEY": self._secret("BATCH_SIGNING_KEY"),
            "DATABASE_URL": self.postgres.url if self.postgres else "",
            "GATEWAY_HOST": LOOPBACK,
            "GATEWAY_JOURNAL": str(self.folder.path / "journal"),
            "GATEWAY_PORT": str(self.gateway_port),
            "GATEWAY_URL": f"http://{LOOPBACK}:{self.gateway_port}",
            "KEY_BRAND": "tw",
            "KEY_PEPPERS": self._secret("KEY_PEPPERS"),
            "MODEL_SERVER_URL": f"http://{LOOPBACK}:{self.model_port}/v1" if self.model_port else "",
            "PORTAL_URL": f"http://{LOOPBACK}:{self.portal_port}",
            "REDIS_URL": self.redis.url if self.redis else "",
            "SECRET_KEY": self._secret("SECRET_KEY"),
            "STRIPE_SECRET_KEY": self._secret("STRIPE_SECRET_KEY"),
            "TOLLWAY_DEMO": "1",
            "TOLLWAY_VAR": str(self.folder.path),
        }
        if self.stripe_port:
            computed["STRIPE_SANDBOX_URL"] = f"http://{LOOPBACK}:{self.stripe_port}"
        names = [*computed, *CALLERS_OWN]
        return computed | {name: os.environ[name] for name in names if os.environ.get(name)} | self._ports()

    def _ports(self) -> dict[str, str]:
        """Answer the ports again, because a caller's 0 means the one that was found free."""
        return {"PORT": str(self.portal_port), "GATEWAY_PORT": str(self.gateway_port)}

    def _refuse_shared_ports(self) -> None:
        """Each would wait for the other, and seem ready because the other answers."""
        ours = {"PORT": self.portal_port, "GATEWAY_PORT": self.gateway_port}
        refuse_shared_ports(ours | {"STRIPE_SANDBOX_PORT": self.stripe_port, "MODEL_PORT": self.model_port})

    def _port(self, variable: str, default: int) -> int:
        return chosen_port(variable, default, must_be_free=self.starts_processes)

    def _secret(self, name: str) -> str:
        return os.environ.get(name) or secret(self.folder.path / "secrets", name)

    def save(self) -> None:
        """Keep the environment for commands in a second terminal, readable by its owner only."""
        lines = [f"{name}={shlex.quote(value)}\n" for name, value in sorted(self.environment.items())]
        write_private(self.folder.environment_file, "".join(lines))


def read_saved(file: Path) -> dict[str, str]:
    """Answer the environment that the running demo saved."""
    words = shlex.split(file.read_text())
    return dict(word.split("=", 1) for word in words)
