"""Refusals in OpenAI's shape."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse


class Refused(Exception):
    """A request that this server does not serve; `param` names the field."""

    def __init__(self, message: str, *, param: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.param = param
        self.status = status


async def show_refusal(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return _body(str(error), error.status, param=error.param)


async def show_http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _body(error.detail, error.status_code)


def _body(message: str, status: int, *, param: str | None = None) -> JSONResponse:
    kind = "invalid_request_error" if status < 500 else "server_error"  # noqa: PLR2004
    return JSONResponse({"error": {"message": message, "type": kind, "param": param, "code": None}}, status)
