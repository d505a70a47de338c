"""A model server that speaks all three dialects; what it answers is named by the model asked for."""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.gateway.dialects.answered import ANSWERED
from tests.gateway.dialects.sdk_types import is_request

PATHS = {
    "/v1/chat/completions": "openai_chat",
    "/v1/responses": "openai_responses",
    "/v1/messages": "anthropic_messages",
}
COUNTS = {"/v1/responses/input_tokens": 41, "/v1/messages/count_tokens": 43}
REFUSALS: dict[str, dict[str, Any]] = {
    "openai_chat": {"error": {"message": "Too long.", "type": "invalid_request_error", "param": "messages"}},
    "openai_responses": {"error": {"message": "Too long.", "type": "invalid_request_error", "param": "input"}},
    "anthropic_messages": {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": "messages.0.content: Too long."},
    },
}


def native_app() -> Starlette:
    routes = [Route(path, _answer, methods=["POST"]) for path in PATHS]
    return Starlette(routes=[*routes, *(Route(path, _count, methods=["POST"]) for path in COUNTS)])


async def _answer(request: Request) -> Response:
    dialect, body = PATHS[request.url.path], await request.json()
    model, is_stream = body.pop("model"), body.pop("stream", False)
    body.pop("stream_options", None)
    if dialect == "anthropic_messages" and "anthropic-version" not in request.headers:
        return JSONResponse({"error": {"message": "anthropic-version: is missing"}}, 400)
    if not is_request(dialect, body | {"model": model}):
        return JSONResponse({"error": {"message": f"No request of {dialect}: {body}"}}, 400)
    if model == "refused":
        return JSONResponse(REFUSALS[dialect], 400)
    answers = ANSWERED[dialect]
    if not is_stream:
        return JSONResponse(answers.whole(model))
    frames = answers.broken() if model == "broken" else answers.stream(model)
    return StreamingResponse(iter(frames), media_type="text/event-stream")


async def _count(request: Request) -> Response:
    if b"refuse me" in await request.body():
        return JSONResponse(REFUSALS["anthropic_messages"], 400)
    return JSONResponse({"input_tokens": COUNTS[request.url.path]})
