"""`python -m gateway`: serve until SIGTERM or SIGINT, then let streams finish for a bounded time."""

import contextlib
import gc
import sys

import uvicorn

from gateway.connection_limits import use_all_file_descriptors
from gateway.server import configured
from gateway.settings import SettingsError, from_environment

# Objects made, searches of the youngest, and searches of the middle generation.
COLLECT_AFTER = (20_000, 20, 50)


def main() -> None:
    try:
        settings = from_environment()
    except SettingsError as error:
        sys.exit(str(error))
    use_all_file_descriptors()
    collect_seldom()
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(configured(settings)).run()


def collect_seldom() -> None:
    """What is loaded by now stays. Requests leave few cycles behind, and every search for them walks through all that
    is kept for retries: by the defaults, searching took up to a third of the CPU time under load.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


if __name__ == "__main__":
    main()
