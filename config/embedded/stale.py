"""What a killed PostgreSQL leaves: a `postmaster.pid`, and for a moment perhaps itself."""

from contextlib import suppress
from pathlib import Path
from signal import SIGINT

import psutil

STOP_SECONDS = 20.0


def clear_stale_postmaster(folder: Path) -> None:
    """End the server that still runs in `folder`, and remove its pid file.

    The caller holds the lock of the demo's folder, so that such a server can only be an orphan. PostgreSQL itself
    refuses to start when the number in a stale file belongs to an unrelated process by now.
    """
    file = folder / "postmaster.pid"
    with suppress(FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
        process = psutil.Process(int(file.read_text().splitlines()[0]))
        if str(folder) in process.cmdline():
            _end(process)
    file.unlink(missing_ok=True)


def _end(process: psutil.Process) -> None:
    process.send_signal(SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait()
