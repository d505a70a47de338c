"""`python -m gateway`: serve until SIGTERM or SIGINT, then let streams finish for a bounded time."""

import sys

import uvicorn

from gateway.app import App
from gateway.settings import Settings, SettingsError, from_environment


def main() -> None:
    try:
        settings = from_environment()
    except SettingsError as error:
        sys.exit(str(error))
    serve(settings)


def serve(settings: Settings) -> None:
    uvicorn.run(
        App(settings),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        interface="asgi3",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(settings.grace),
        backlog=4096,
    )


if __name__ == "__main__":
    main()
