"""The HTTP server: one thread for all state, and two background loops."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.stripe import endpoints, engine, idempotency
from sandbox.stripe.background import keep_time, send_deliveries
from sandbox.stripe.ids import new_id
from sandbox.stripe.pages import Pages
from sandbox.stripe.settings import API_VERSION, Settings
from sandbox.stripe.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request

Result = TypeVar("Result")
API_METHODS = ["GET", "POST", "DELETE"]


class Server:
    """All state is touched by one thread, one job after the other; a request whose key is under way is a twin."""

    def __init__(self, settings: Settings) -> None:
        """Open the state."""
        endpoints.register()
        self.settings = settings
        self.store = Store(settings.database)
        self.pages = Pages(self.store, settings)
        self.stopping = False
        self._worker = ThreadPoolExecutor(max_workers=1)
        self.time_wanted = asyncio.Event()
        self.deliveries_wanted = asyncio.Event()
        self._keys: set[str] = set()

    async def api(self, request: Request) -> Response:
        """Answer a call of the API."""
        text = request.url.query if request.method != "POST" else (await request.body()).decode(errors="replace")
        asked = engine.Request(request.method, request.url.path, text, request.headers)
        key = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
        if key in self._keys:
            return _twin(key)
        if key:
            self._keys.add(key)
        try:
            answer = await self.change(lambda: engine.serve(self.store, self.settings, asked))
        finally:
            self._keys.discard(key)
        return _response(answer, key)

    async def work(self, job: Callable[[], Result]) -> Result:
        """Run a job with the state to itself."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, job)

    async def change(self, job: Callable[[], Result]) -> Result:
        """Run a job of a request, then let time and deliveries look at what it left."""
        result = await self.work(job)
        self.time_wanted.set()
        self.deliveries_wanted.set()
        return result

    async def show_checkout(self, request: Request) -> Response:
        """Show the Checkout page."""
        ident = request.path_params["id"]
        return await self.change(lambda: self.pages.show(ident))

    async def pay_checkout(self, request: Request) -> Response:
        """Take the Checkout form."""
        ident, form = request.path_params["id"], await _form(request)
        return await self.change(lambda: self.pages.pay(ident, form))

    async def show_invoice(self, request: Request) -> Response:
        """Show a hosted invoice."""
        ident, secret = request.path_params["id"], request.path_params["secret"]
        return await self.change(lambda: self.pages.show_invoice(ident, secret))

    async def pay_invoice(self, request: Request) -> Response:
        """Take a card for a hosted invoice."""
        ident, secret = request.path_params["id"], request.path_params["secret"]
        form = await _form(request)
        return await self.change(lambda: self.pages.pay_invoice(ident, secret, form))

    async def show_question(self, request: Request) -> Response:
        """Show the bank's question."""
        ident = request.path_params["id"]
        return await self.change(lambda: self.pages.ask(ident))

    async def take_answer(self, request: Request) -> Response:
        """Take the cardholder's answer."""
        ident, form = request.path_params["id"], await _form(request)
        return await self.change(lambda: self.pages.answer(ident, form))

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Run the background loops while the server runs."""
        loops = asyncio.gather(keep_time(self), send_deliveries(self))
        yield
        self.stopping = True
        self.time_wanted.set()
        self.deliveries_wanted.set()
        await loops
        await self.work(self.store.close)
        self._worker.shutdown()


async def _form(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _response(answer: idempotency.Answer, key: str) -> Response:
    headers = {"Request-Id": answer.request_id, "Stripe-Version": API_VERSION}
    if key:
        headers["Idempotency-Key"] = key
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(answer.body, status_code=answer.status, media_type="application/json", headers=headers)


def _twin(key: str) -> Response:
    request_id, error = new_id("req_"), idempotency.in_use(key)
    headers = {"Request-Id": request_id}
    return JSONResponse(error.body(request_id=request_id), status_code=error.status, headers=headers)


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def make_app(settings: Settings) -> Starlette:
    """Answer the application."""
    server = Server(settings)
    routes = [
        Route("/healthz", _health),
        Route("/c/pay/{id}", server.show_checkout, methods=["GET"]),
        Route("/c/pay/{id}", server.pay_checkout, methods=["POST"]),
        Route("/i/{id}/{secret}", server.show_invoice, methods=["GET"]),
        Route("/i/{id}/{secret}", server.pay_invoice, methods=["POST"]),
        Route("/3ds/{id}", server.show_question, methods=["GET"]),
        Route("/3ds/{id}", server.take_answer, methods=["POST"]),
        Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        Route("/{path:path}", server.api, methods=API_METHODS),
    ]
    return Starlette(routes=routes, lifespan=server.lifespan)
