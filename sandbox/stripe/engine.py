"""One request: key, version, parameters, one transaction, one answer."""

from __future__ import annotations

import base64
import json
import logging
import time
from typing import TYPE_CHECKING, NamedTuple

from sandbox.stripe import forms, idempotency, params, routes
from sandbox.stripe.desk import Desk
from sandbox.stripe.errors import StripeError, unauthorized
from sandbox.stripe.expand import expand
from sandbox.stripe.idempotency import Answer
from sandbox.stripe.ids import new_id
from sandbox.stripe.settings import API_VERSION, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.stripe.store import Store

log = logging.getLogger(__name__)


class Request(NamedTuple):
    """What came over HTTP; `headers` in lower case."""

    method: str
    path: str
    text: str
    headers: Mapping[str, str]


def serve(store: Store, settings: Settings, request: Request) -> Answer:
    """Answer a request. The caller has the state to itself; whatever happens, the state is whole afterwards."""
    request_id = new_id("req_")
    try:
        account = authenticate(settings, request.headers)
        require_version(request.headers.get("stripe-version"))
        return _Run(store, settings, request, account, request_id).answer()
    except StripeError as error:
        return _refusal(error, request_id)
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        failure = StripeError("The sandbox failed: see its log.", status=500, kind="api_error")
        return _refusal(failure, request_id)


def authenticate(settings: Settings, headers: Mapping[str, str]) -> str:
    """Answer the secret key, sent as Bearer token or as the user of basic authentication."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        token = base64.b64decode(token).decode(errors="replace").partition(":")[0]
    if not token:
        message = (
            "You did not provide an API key. You need to provide your API key in the Authorization header, "
            "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
        )
        raise unauthorized(message)
    test_key = token.startswith(("sk_test_", "rk_test_"))
    if not test_key or (settings.api_key and token != settings.api_key):
        raise unauthorized(f"Invalid API Key provided: {token[:8]}{'*' * 12}{token[-4:]}")
    return token


def require_version(version: str | None) -> None:
    """Refuse every version but the one spoken here."""
    if version not in (None, API_VERSION):
        message = f"Invalid Stripe API version: {version}. The sandbox speaks {API_VERSION} alone."
        raise StripeError(message)


class _Run:
    """One execution of one request."""

    def __init__(self, store: Store, settings: Settings, request: Request, account: str, request_id: str) -> None:
        self.store = store
        self.request = request
        self.account = account
        self.request_id = request_id
        self.now = int(time.time())
        self.desk = Desk(store, settings, wall=self.now)
        self.key = request.headers.get("idempotency-key") if request.method == "POST" else None
        self.desk.request = {"id": request_id, "idempotency_key": self.key}
        self.form = forms.decode(request.text)
        self.digest = idempotency.fingerprint(request.method, request.path, self.form)

    def answer(self) -> Answer:
        route, ids = routes.match(self.request.method, self.request.path)
        if self.key:
            known = idempotency.recall(self.store, self.account, self.key, self.digest, now=self.now)
            if known:
                return known
        typed = params.check(route.shape, self.form)
        routes.refuse_unsupported(route, typed)
        call = routes.Call(self.desk, self.request.path, ids, typed)
        try:
            with self.store.transaction():
                return self._execute(route, call)
        except StripeError as error:
            return self._keep(_refusal(error, self.request_id))

    def _execute(self, route: routes.Route, call: routes.Call) -> Answer:
        try:
            obj = route.handler(call)
        except StripeError as error:
            if not error.keep:
                raise
            return self._keep(_refusal(error, self.request_id))
        body = json.dumps(expand(self.desk, obj, call.params.get("expand", [])), indent=2)
        return self._keep(Answer(200, body, self.request_id))

    def _keep(self, answer: Answer) -> Answer:
        if self.key:
            idempotency.keep(self.store, self.account, self.key, self.digest, answer, now=self.now)
        return answer


def _refusal(error: StripeError, request_id: str) -> Answer:
    return Answer(error.status, json.dumps(error.body(request_id=request_id), indent=2), request_id)
