"""Refusals in the shape of the path's dialect."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

MESSAGES = "/v1/messages"
TYPES = {404: "not_found_error", 405: "invalid_request_error", 429: "rate_limit_error", 503: "overloaded_error"}


class Refused(Exception):
    """A request that this server does not serve; `param` names the field, `retry_after` is in seconds."""

    def __init__(
        self, message: str, *, param: str | None = None, status: int = 400, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.param = param
        self.status = status
        self.retry_after = retry_after


async def show_refusal(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    return _body(request, str(error), error.status, param=error.param, headers=headers)


async def show_http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _body(request, error.detail, error.status_code)


def _body(
    request: Request, message: str, status: int, *, param: str | None = None, headers: dict[str, str] | None = None
) -> JSONResponse:
    is_clients = status < 500  # noqa: PLR2004
    if request.url.path.startswith(MESSAGES):
        kind = TYPES.get(status, "invalid_request_error" if is_clients else "api_error")
        told = f"{param}: {message}" if param else message
        return JSONResponse({"type": "error", "error": {"type": kind, "message": told}}, status, headers=headers)
    kind = "invalid_request_error" if is_clients else "server_error"
    error = {"message": message, "type": kind, "param": param, "code": None}
    return JSONResponse({"error": error}, status, headers=headers)
