"""Plain requests: wrk drives the connections, and says what was answered and how late."""

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.target import CannotRun, Target

BODY = json.dumps(
    {"model": "bench", "max_tokens": 100, "messages": [{"role": "user", "content": "Say a token. " * 20}]}
)
# Latencies are microseconds in wrk.
SCRIPT = """
wrk.method = "POST"
wrk.body = [==[{body}]==]
{headers}
function done(summary, latency, requests)
  io.write(string.format('{{"requests":%d,"microseconds":%d,"errors":%d,"p50":%d,"p99":%d}}',
    summary.requests, summary.duration,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Load:
    """Milliseconds, and requests a second. `errors` are answers of status 400 and above, and broken connections."""

    requests: int
    errors: int
    per_second: float
    p50: float
    p99: float


def drive(target: Target, *, connections: int, seconds: float) -> Load:
    """Keep `connections` busy for `seconds`, one request after the other on each."""
    with start(target, connections=connections, seconds=seconds) as process:
        return load_of(process, seconds=seconds)


def load_of(process: "subprocess.Popen[str]", *, seconds: float) -> Load:
    """Wait for the end of a load that was started."""
    output, _ = process.communicate(timeout=seconds + 60)
    found = json.loads(output[output.rindex("{") :])
    return Load(
        requests=found["requests"],
        errors=found["errors"],
        per_second=found["requests"] * 1e6 / found["microseconds"],
        p50=found["p50"] / 1000,
        p99=found["p99"] / 1000,
    )


def start(target: Target, *, connections: int, seconds: float) -> "subprocess.Popen[str]":
    path = shutil.which("wrk")
    if path is None:
        raise CannotRun("wrk is not installed: apt-get install wrk")
    url = f"http://127.0.0.1:{target.port}/v1/chat/completions"
    options = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s"]
    return subprocess.Popen([path, *options, "-s", str(_script(target)), url], stdout=subprocess.PIPE, text=True)


def _script(target: Target) -> Path:
    headers = {"content-type": "application/json", **target.headers}
    lines = "\n".join(f'wrk.headers["{name}"] = "{value}"' for name, value in headers.items())
    file = Path(tempfile.gettempdir()) / f"tollway-bench-{target.port}.lua"
    file.write_text(SCRIPT.format(body=BODY, headers=lines))
    return file
