"""The folder that holds everything a demo makes (`var/`), and the lock that lets one program at a time own it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.environment import folder as folder_from_environment
from config.processes.refusal import Refusal

CHECKOUT = Path(__file__).resolve().parent.parent.parent
# Only their owner may read these: they hold mail, usage and secrets. PostgreSQL's account passes beside them.
PARTS = ("run", "secrets", "sandbox", "journal", "static", "mail")


class AlreadyOwned(Refusal):
    """Another program runs on the same folder."""


@dataclass(frozen=True)
class DemoFolder:
    path: Path

    @classmethod
    def of_environment(cls) -> "DemoFolder":
        return cls(folder_from_environment("TOLLWAY_VAR", CHECKOUT / "var"))

    @property
    def environment_file(self) -> Path:
        return self.path / "demo.env"

    @property
    def sign_ins(self) -> Path:
        return self.path / "demo.json"

    def create(self) -> None:
        """Create the folder and its parts. Raises `Refusal` where the file system says no."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for part in PARTS:
                (self.path / part).mkdir(exist_ok=True, mode=0o700)
            (self.path / "run" / "writable").touch()
        except OSError as error:
            raise Refusal(
                f"Cannot write to {self.path} ({error.strerror}): make it writable for you, or set TOLLWAY_VAR."
            ) from error

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Own the folder until the block ends. The kernel gives the lock back however the owner ends.

        Raises `AlreadyOwned`.
        """
        self.create()
        with (self.path / "run" / "owner").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise AlreadyOwned(
                    f"Process {file.read().strip()} runs on {self.path} already: end it first, "
                    "or set TOLLWAY_VAR to another folder."
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield
