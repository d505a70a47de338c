"""A program that runs an embedded Redis and prints its process id; the tests kill it."""

import sys
import time
from pathlib import Path

from config.embedded.redis_server import RedisServer, free_port
from config.embedded.server import running

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    with running(RedisServer(folder / "data", free_port()), log=folder / "log") as process:
        print(process.pid, flush=True)
        time.sleep(60)
