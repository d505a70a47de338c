"""A PostgreSQL of one's own, which a test may stop and start, with the tables of `usage` in it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config.embedded.postgres import Postgres
from config.embedded.server import running


class OwnPostgres:
    def __init__(self, folder: Path) -> None:
        self._server = Postgres(folder / "postgres", durable=False)
        self._log = folder / "postgres.log"
        self._running = ExitStack()
        self._is_running = False
        self.url = self._server.url

    def start(self) -> None:
        self._running.enter_context(running(self._server, log=self._log))
        self._is_running = True

    def start_if_stopped(self) -> None:
        if not self._is_running:
            self.start()

    def stop(self) -> None:
        self._running.close()
        self._is_running = False

    def migrate(self) -> None:
        self._server.create_database()
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "usage", "--skip-checks", "-v0"],
            env=os.environ | {"DATABASE_URL": self.url},
            check=True,
        )


@contextmanager
def own_postgres(folder: Path) -> Iterator[OwnPostgres]:
    folder.chmod(0o711)  # PostgreSQL's account must be able to pass.
    postgres = OwnPostgres(folder)
    postgres.start()
    try:
        postgres.migrate()
        yield postgres
    finally:
        postgres.stop()
