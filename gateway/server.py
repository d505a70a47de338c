"""How the application is served: uvicorn on uvloop and httptools."""

import math

import uvicorn

from gateway.app import App
from gateway.http_protocol import protocol_for
from gateway.settings import Settings


def configured(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        App(settings),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=protocol_for(settings.connection_limits),
        ws="none",
        lifespan="on",
        interface="asgi3",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=math.ceil(settings.connection_limits.idle_seconds),
        timeout_graceful_shutdown=int(settings.grace),
        backlog=4096,
    )
