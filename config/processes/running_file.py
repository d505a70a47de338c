"""Which processes run, on disk: so that a start after a SIGKILL of the manager ends what it left behind."""

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL

import psutil

# What a child may take to end by itself, once it noticed that its parent is gone.
GRACE_SECONDS = 8.0
KILL_SECONDS = 5.0


@dataclass
class RunningFile:
    """Process ids with the instants at which they began, since the system uses a number again."""

    path: Path
    _began: dict[int, float] = field(default_factory=dict)

    def add(self, pid: int) -> None:
        with suppress(psutil.NoSuchProcess):
            self._began[pid] = psutil.Process(pid).create_time()
        self._write()

    def remove(self, pid: int) -> None:
        self._began.pop(pid, None)
        self._write()

    def _write(self) -> None:
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps(self._began))
        draft.replace(self.path)

    def end_leftovers(self, grace: float = GRACE_SECONDS) -> int:
        """End what an earlier manager left running, with all that it started; answer how many processes that were.

        They get `grace` seconds to end by themselves.
        """
        leftovers = [member for leader, began in self._read().items() for member in members_of_session(leader, began)]
        _, alive = psutil.wait_procs(leftovers, timeout=grace)
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(SIGKILL)
        psutil.wait_procs(alive, timeout=KILL_SECONDS)
        self.path.unlink(missing_ok=True)
        return len(leftovers)

    def _read(self) -> dict[int, float]:
        with suppress(FileNotFoundError, ValueError):
            return {int(pid): began for pid, began in json.loads(self.path.read_text()).items()}
        return {}


def members_of_session(leader: int, began: float) -> list[psutil.Process]:
    """Answer the living processes of the session that `leader` opened at `began` (seconds since 1970).

    The leader itself may be gone: its number is not used again while its session has members.
    """
    if began < psutil.boot_time() or _is_another(leader, began):
        return []
    return [process for process in psutil.process_iter() if _session_of(process.pid) == leader]


def _is_another(pid: int, began: float) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(abs(psutil.Process(pid).create_time() - began) > 1)
    return False


def _session_of(pid: int) -> int | None:
    with suppress(ProcessLookupError, PermissionError):
        return os.getsid(pid)
    return None
