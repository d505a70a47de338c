"""LiteLLM's proxy with a master key and no database: it checks the key and counts nothing."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded.redis_server import free_port
from tests.benchmarks.folder import BENCH, log_of
from tests.benchmarks.processes import program
from tests.benchmarks.target import CannotRun, Target

FOLDER = BENCH / "litellm"
MASTER_KEY = "sk-only-for-benchmarks"
CONFIGURATION = """
model_list:
{models}
general_settings:
  master_key: {master_key}
"""
MODEL = """
  - model_name: {name}
    litellm_params: {{ model: openai/{name}, api_base: "http://127.0.0.1:{port}/v1", api_key: unused }}
"""
# Neither asks the network for prices, nor logs each request.
QUIET = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}


@contextmanager
def litellm(model_port: int) -> Iterator[Target]:
    command = _installed()
    port = free_port()
    file = BENCH / "litellm.yaml"
    models = "".join(MODEL.format(name=name, port=model_port) for name in ("bench", "bench-slow"))
    file.write_text(CONFIGURATION.format(models=models, master_key=MASTER_KEY))
    options: list[str | Path] = ["--config", file, "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    with program(
        [command, *options, "--telemetry", "False"], port=port, log=log_of("litellm"), environment=QUIET
    ) as running:
        yield Target("LiteLLM", port, {"authorization": f"Bearer {MASTER_KEY}"}, running)


def _installed() -> Path:
    """An environment of its own, made once."""
    command = FOLDER / "bin" / "litellm"
    try:
        if not command.exists():
            subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True, capture_output=True)
            subprocess.run([FOLDER / "bin" / "pip", "install", "-q", "litellm[proxy]"], check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        raise CannotRun(f"pip could not install litellm[proxy]: {error.stderr.decode()[-300:]}") from error
    return command
