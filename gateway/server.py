"""How the application is served: uvicorn on uvloop and httptools."""

import uvicorn

from gateway.app import App
from gateway.settings import Settings


def configured(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
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
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(settings.grace),
        backlog=4096,
    )
