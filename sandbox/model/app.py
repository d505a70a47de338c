"""The demo model server's routes."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.model.chat import chat
from sandbox.model.embeddings import embeddings
from sandbox.model.errors import Refused, show_http_error, show_refusal
from sandbox.model.messages import messages
from sandbox.model.prefix_cache import PrefixCache
from sandbox.model.responses import responses

MODELS = (
    *("muse-spark", "muse-spark-contributor", "muse-embed"),
    *("demo-broken", "demo-busy", "demo-hang", "demo-slow", "demo-thinking", "demo-unavailable"),
)
CREATED = 1_767_225_600  # 2026-01-01


def make_app(*, token_delay: float) -> Starlette:
    """`token_delay` in seconds is waited before each token."""
    routes = [
        Route("/v1/chat/completions", chat, methods=["POST"]),
        Route("/v1/messages", messages, methods=["POST"]),
        Route("/v1/responses", responses, methods=["POST"]),
        Route("/v1/embeddings", embeddings, methods=["POST"]),
        Route("/v1/models", models),
        Route("/healthz", health),
    ]
    app = Starlette(routes=routes, exception_handlers={Refused: show_refusal, HTTPException: show_http_error})
    app.state.cache = PrefixCache()
    app.state.token_delay = token_delay
    return app


async def models(_request: Request) -> JSONResponse:
    listed = [{"id": name, "object": "model", "created": CREATED, "owned_by": "demo"} for name in MODELS]
    return JSONResponse({"object": "list", "data": listed})


async def health(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})
