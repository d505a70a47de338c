"""The rates of what needs no admin key: verifying keys for other gateways, and reports of leaked ones.

A gateway asks for each of its own callers' requests, from one address. With an admin key of its own in the header
`X-Tollway-Gateway-Key` it is counted by that key, generously; without one by its address.
"""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_variables

from core.verdict import Verdict
from keys.last_uses import note_use
from portal.address import address_of
from portal.api.check import judge_admin
from portal.api.errors import Refused, TooManyRequests, problem_response
from portal.api.rates import Rate, caller_at

# The header X-Tollway-Gateway-Key, as WSGI names it.
GATEWAY_KEY = "HTTP_X_TOLLWAY_GATEWAY_KEY"
# A hundred a second from one address, and ten thousand a second with an admin key: more than one portal answers.
VERIFICATION = Rate("verification", 6_000)
GATEWAYS = Rate("gateways", 600_000)
LEAK_REPORTS = Rate("leak-reports", 60)
GITHUB = Rate("github", 600)

View = Callable[..., HttpResponse]


def at_most(rate: Rate) -> Callable[[View], View]:
    """Refuse a caller that asks more often than `rate` allows with 429 and `Retry-After`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def rated(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            try:
                rate.spend(caller_at(request))
            except TooManyRequests as error:
                return problem_response(error)
            return view(request, *args, **kwargs)

        return rated

    return decorate


def for_gateways(view: View) -> View:
    """Refuse a gateway that asks too often. One that shows a key of its own is refused where that can't be used."""

    @wraps(view)
    @sensitive_variables()
    def rated(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            _spend(request)
        except (TooManyRequests, Refused) as error:
            return problem_response(error)
        return view(request, *args, **kwargs)

    return rated


@sensitive_variables()
def _spend(request: HttpRequest) -> None:
    text = request.META.get(GATEWAY_KEY, "")
    if not text:
        VERIFICATION.spend(caller_at(request))
        return
    judged = judge_admin(text, address_of(request))
    if isinstance(judged, Verdict):
        VERIFICATION.spend(caller_at(request))
        raise Refused(judged)
    if GATEWAYS.spend(judged.id) == 1:
        note_use(judged.id, address_of(request))
