"""`python -m gateway`: serve until SIGTERM or SIGINT, then let streams finish for a bounded time."""

import contextlib
import sys

import uvicorn

from gateway.connection_limits import use_all_file_descriptors
from gateway.server import configured
from gateway.settings import SettingsError, from_environment


def main() -> None:
    try:
        settings = from_environment()
    except SettingsError as error:
        sys.exit(str(error))
    use_all_file_descriptors()
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(configured(settings)).run()


if __name__ == "__main__":
    main()
