"""Checking a key for another gateway: our endpoint beside a view of djangorestframework-api-key, in one run.

    python -m tests.benchmarks.key_verification [rounds]

Each program is a WSGI application in a process of its own, called directly, so that no server is measured: ours with
the product's own settings and middleware, an admin key of the asking gateway, and a Redis; theirs as its documentation
shows it, with no middleware at all, and PostgreSQL. CPU is the program's own; the databases' is not in it. Asserts
nothing: the table has the bar beside the ratio.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

from config.embedded.postgres import Postgres
from config.embedded.redis_server import RedisServer, free_port
from config.embedded.server import running

PACKAGE = "djangorestframework-api-key==3.1.0"
ROUNDS = 5
CALLS = 2_000
WARM_UP = 200
BAR = 10
PEPPER = "5a" * 32

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Cost:
    """Microseconds a check: of the program's CPU, and of the clock."""

    cpu: float
    wall: float


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory(prefix="tollway-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        peer = installed_peer(folder)
        with databases(folder) as environment:
            programs = {"ours": environment} | ({"theirs": environment | {"PEER": str(peer)}} if peer else {})
            found: dict[str, list[Cost]] = {program: [] for program in programs}
            for _ in range(rounds):
                for program, its_environment in programs.items():
                    found[program].append(measured_in_a_process(program, its_environment))
    show(
        {program: Cost(median(c.cpu for c in costs), median(c.wall for c in costs)) for program, costs in found.items()}
    )


def middle_of(costs: list[Cost]) -> Cost:
    return Cost(median(cost.cpu for cost in costs), median(cost.wall for cost in costs))


def installed_peer(folder: Path) -> Path | None:
    """Install the package into a folder of its own, or say why that can't be."""
    target = folder / "peer"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return target
    print(f"{PACKAGE} can't be installed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    return None


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    with ExitStack() as servers:
        postgres = Postgres(folder / "postgres", durable=False)
        redis = RedisServer(folder / "redis", free_port(), durable=False)
        servers.enter_context(running(postgres, log=folder / "postgres.log"))
        servers.enter_context(running(redis, log=folder / "redis.log"))
        postgres.create_database()
        yield {
            **{name: value for name, value in os.environ.items() if not name.startswith("STRIPE_")},
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
            "SECRET_KEY": "0" * 50,
            "KEY_PEPPERS": f"p1:{PEPPER}",
            "TOLLWAY_VAR": str(folder),
        }


def measured_in_a_process(program: str, environment: dict[str, str]) -> Cost:
    command = [sys.executable, "-m", "tests.benchmarks.key_verification", f"--{program}"]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def measured(application: Wsgi, environ: Callable[[], Environ]) -> Cost:
    for _ in range(WARM_UP):
        call(application, environ())
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(CALLS):
        call(application, environ())
    each = 1_000_000 / CALLS
    return Cost((time.process_time() - cpu) * each, (time.perf_counter() - wall) * each)


def call(application: Wsgi, environ: Environ) -> bytes:
    answered: list[str] = []
    parts = application(environ, lambda status, _headers, _info=None: answered.append(status))
    body = b"".join(parts)
    if close := getattr(parts, "close", None):
        close()
    assert answered[0].startswith("200"), (answered, body)
    return body


def environ_of(method: str, path: str, body: bytes = b"", **headers: str) -> Environ:
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/json",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }


def ours() -> Cost:
    """`POST /api/v1/keys/verify` with a model, from published facts."""
    import redis

    from config.wsgi import application
    from core.tokens import Environment, keyed_hash, new_token
    from tests.gateway.published import SPARK, Publisher, new_account

    publisher = Publisher(redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True))
    publisher.everything(SPARK)
    account, gateway, token = publisher.account(new_account()), new_account(), new_token("tw", Environment.ADMIN)
    hash_ = keyed_hash(token, bytes.fromhex(PEPPER))
    publisher.account(replace(gateway, key=replace(gateway.key, kind="admin", key_id=token.key_id, hash=hash_)))
    body = json.dumps({"key": account.token.text, "model": SPARK.slug}).encode()
    return measured(
        application, lambda: environ_of("POST", "/api/v1/keys/verify", body, x_tollway_gateway_key=token.text)
    )


def theirs() -> Cost:
    """A view with their permission, which answers whose the key is."""
    sys.path.insert(0, os.environ["PEER"])
    import dj_database_url
    import django
    from django.conf import settings
    from django.urls import path

    settings.configure(
        SECRET_KEY="0" * 50,
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=["rest_framework", "rest_framework_api_key"],
        DATABASES={"default": dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=60)},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": [], "UNAUTHENTICATED_USER": None},
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from rest_framework.response import Response
    from rest_framework.views import APIView
    from rest_framework_api_key.models import APIKey  # type: ignore[import-not-found]  # Installed for this run.
    from rest_framework_api_key.permissions import HasAPIKey  # type: ignore[import-not-found]  # As above.

    class Verify(APIView):
        permission_classes = [HasAPIKey]

        def get(self, request: Any) -> Response:
            key = APIKey.objects.get_from_key(request.META["HTTP_AUTHORIZATION"].split()[1])
            return Response({"valid": True, "name": key.name})

    globals()["urlpatterns"] = [path("verify", Verify.as_view())]
    call_command("migrate", verbosity=0)
    _, text = APIKey.objects.create_key(name="bench")
    return measured(get_wsgi_application(), lambda: environ_of("GET", "/verify", authorization=f"Api-Key {text}"))


def show(costs: dict[str, Cost]) -> None:
    print("| program | CPU, µs a check | wall, µs a check |\n|---|---|---|")
    for program, cost in costs.items():
        print(f"| {program} | {cost.cpu:.0f} | {cost.wall:.0f} |")
    if "theirs" in costs:
        ratio = costs["theirs"].cpu / costs["ours"].cpu
        print(f"\nCPU, theirs / ours: {ratio:.1f} (bar: {BAR})")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--ours"]:
            print(json.dumps(ours().__dict__))
        case ["--theirs"]:
            print(json.dumps(theirs().__dict__))
        case _:
            main()
