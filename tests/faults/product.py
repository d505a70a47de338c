"""What runs during the rounds: two databases, a model server, two gateways, the publisher, a worker and beat."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from config.embedded.postgres import Postgres
from config.embedded.redis_server import LOOPBACK, RedisServer, free_port
from tests.faults.server_processes import ServerProcess, python_process, server_process

TOKEN_DELAY_MS = "10"
GATEWAYS = 2
WORKER = ("celery", "-A", "config", "worker", "--concurrency", "1", "--without-gossip", "--without-mingle")
QUIET = {"PYTHONWARNINGS": "ignore::UserWarning:celery.platforms"}


@dataclass(frozen=True)
class Product:
    postgres: ServerProcess
    redis: ServerProcess
    gateways: tuple[ServerProcess, ...]
    publisher: ServerProcess
    worker: ServerProcess
    others: tuple[ServerProcess, ...]
    urls: tuple[str, ...]
    database_url: str
    redis_url: str
    folder: Path

    @property
    def product_processes(self) -> tuple[ServerProcess, ...]:
        return (*self.gateways, self.publisher, self.worker)


def environment_in(folder: Path, postgres: Postgres, redis: RedisServer, *, model_port: int) -> dict[str, str]:
    return {
        "DATABASE_URL": postgres.url,
        "REDIS_URL": redis.url,
        "SECRET_KEY": "only-for-faults-" + "0" * 50,
        "KEY_PEPPERS": "p1:" + "5a" * 32,
        "TOLLWAY_VAR": str(folder),
        "GATEWAY_JOURNAL": str(folder / "journal"),
        "GATEWAY_GRACE": "1",
        "MODEL_SERVER_URL": f"http://{LOOPBACK}:{model_port}/v1",
        "STRIPE_SECRET_KEY": "",
        "STRIPE_SANDBOX_URL": "",
    }


def product_in(folder: Path) -> tuple[Product, Postgres]:
    """Nothing is started yet; this process gets the environment of the others."""
    postgres = Postgres(folder / "postgres", durable=False)
    redis = RedisServer(folder / "redis", free_port(), durable=False)
    model_port = free_port()
    environment = environment_in(folder, postgres, redis, model_port=model_port)
    os.environ.update(environment)
    everything = {**os.environ, **QUIET}
    ports = [free_port() for _ in range(GATEWAYS)]
    urls = tuple(f"http://{LOOPBACK}:{port}" for port in ports)

    def python(name: str, *words: str, url: str = "", **more: str) -> ServerProcess:
        return python_process(name, *words, folder=folder, environment=everything | more, url=url)

    model = ("-m", "sandbox.model", "--port", str(model_port), "--token-delay-ms", TOKEN_DELAY_MS)
    gateways = tuple(
        python(f"gateway-{place}", "-m", "gateway", url=f"{url}/healthz", GATEWAY_PORT=str(port))
        for place, (url, port) in enumerate(zip(urls, ports, strict=True))
    )
    beat = ("celery", "-A", "config", "beat", "--schedule", str(folder / "beat"), "--pidfile", "")
    return Product(
        server_process(postgres, folder),
        server_process(redis, folder),
        gateways,
        python("publisher", "manage.py", "publish_facts", "--skip-checks"),
        python("worker", "-m", *WORKER),
        (python("model", *model, url=f"http://{LOOPBACK}:{model_port}/healthz"), python("beat", "-m", *beat)),
        urls,
        postgres.url,
        redis.url,
        folder,
    ), postgres


@asynccontextmanager
async def running(product: Product) -> AsyncIterator[None]:
    """The databases must run already."""
    processes = (*product.others, *product.product_processes)
    for process in processes:
        process.start()
    await asyncio.gather(*[process.until_ready() for process in processes])
    yield
