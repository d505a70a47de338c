"""Who runs: one function per program, and the order in which they can begin."""

import re

from config.embedded.redis_server import LOOPBACK
from config.processes.demo import Demo
from config.processes.program import Program, program_of, python
from config.processes.readiness import AnswersOverHttp, PrintsLine

# Celery says it as a warning from this module at each start of the demo as root; the demo reads JSON only.
QUIET_ABOUT_ROOT = {"PYTHONWARNINGS": "ignore::UserWarning:celery.platforms"}
# Most jobs run every few seconds and find nothing to do. What fails is logged as an error, which stays visible.
JOB_WENT_WELL = re.compile(r"INFO/\S+\] Task \S+ (received|succeeded)")
ACCESS_LINE = "%(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"


def foundations(demo: Demo) -> list[Program]:
    """Answer what the product stands on: it begins first, and needs nothing of the product."""
    programs = [program_of(server) for server in demo.servers]
    if demo.stripe_port:
        programs.append(stripe_sandbox(demo, demo.stripe_port))
    if demo.model_port:
        programs.append(model_server(demo, demo.model_port))
    return programs


def product(demo: Demo) -> list[Program]:
    """Answer the product's own programs: they begin when the database has its tables."""
    return [gateway(demo), publisher(demo), portal(demo), worker(demo), batch_worker(demo), beat(demo)]


def portal(demo: Demo) -> Program:
    address = f"{LOOPBACK}:{demo.portal_port}"
    options = ["--worker-class", "gthread", "--workers", "2", "--threads", "8", "--preload", "--no-control-socket"]
    logs = ["--access-logfile", "-", "--access-logformat", ACCESS_LINE]
    return Program(
        label="portal",
        command=python("-m", "gunicorn", "config.wsgi", "--bind", address, *options, *logs, "--graceful-timeout", "5"),
        readiness=AnswersOverHttp(f"http://{address}/healthz"),
        environment=demo.environment,
    )


def gateway(demo: Demo) -> Program:
    return Program(
        label="gateway",
        command=python("-m", "gateway"),
        readiness=AnswersOverHttp(f"http://{LOOPBACK}:{demo.gateway_port}/healthz"),
        environment=demo.environment,
    )


def publisher(demo: Demo) -> Program:
    return Program(
        label="facts",
        command=python("manage.py", "publish_facts", "--skip-checks"),
        readiness=PrintsLine(re.compile(r"Publishing what gateways miss")),
        environment=demo.environment,
    )


def worker(demo: Demo) -> Program:
    return _worker(demo, "worker", "--concurrency", "2")


def batch_worker(demo: Demo) -> Program:
    """On a queue of its own: the lines of a batch take their time, and invoices don't wait for them."""
    return _worker(demo, "batches", "--concurrency", "1", "--queues", "batches", "--hostname", "batches@%h")


def _worker(demo: Demo, label: str, *own: str) -> Program:
    # Alone on its queue, a worker has nobody to gossip or mingle with, which would cost a second at each start.
    options = [*own, "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    return Program(
        label=label,
        command=python("-m", "celery", "--quiet", "-A", "config", "worker", *options),
        readiness=PrintsLine(re.compile(r"\w+@\S+ ready\.")),
        hidden_lines=JOB_WENT_WELL,
        environment=demo.environment | QUIET_ABOUT_ROOT,
    )


def beat(demo: Demo) -> Program:
    schedule = str(demo.folder.path / "run" / "beat-schedule")
    return Program(
        label="beat",
        command=python("-m", "celery", "-A", "config", "beat", "--schedule", schedule, "--pidfile", ""),
        readiness=PrintsLine(re.compile(r"Configuration ->")),
        environment=demo.environment | QUIET_ABOUT_ROOT,
    )


def stripe_sandbox(demo: Demo, port: int) -> Program:
    database = demo.folder.path / "sandbox" / "stripe.sqlite3"
    options = ["--host", LOOPBACK, "--port", str(port), "--database", str(database)]
    return Program(
        label="stripe",
        command=python("-m", "sandbox.stripe", *options),
        readiness=AnswersOverHttp(f"http://{LOOPBACK}:{port}/healthz"),
        environment=demo.environment,
    )


def model_server(demo: Demo, port: int) -> Program:
    return Program(
        label="model",
        command=python("-m", "sandbox.model", "--host", LOOPBACK, "--port", str(port)),
        readiness=AnswersOverHttp(f"http://{LOOPBACK}:{port}/healthz"),
        environment=demo.environment,
    )
