"""The Content-Security-Policy of every page: nothing inline, nothing evaluated, nothing from elsewhere."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEADER = "Content-Security-Policy"

# Browsers apply form-action to where a form's answer redirects, too: "Subscribe" ends at the provider's Checkout.
_CHECKOUT = ("https://checkout.stripe.com", "https://billing.stripe.com")

# The admin's theme (unfold) binds its menus with Alpine.js, which evaluates the expressions in its attributes, and sets
# its colours in inline styles. Its pages are for signed-in staff alone and escape what they show.
_ADMIN = "'self' 'unsafe-inline' 'unsafe-eval'"


class ContentSecurityPolicy:
    """Sets the header where a view has not set one of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, policy_for(request.path))
        return response


def policy_for(path: str) -> str:
    if path.startswith("/admin/"):
        return policy(script=_ADMIN, style="'self' 'unsafe-inline'")
    return policy()


def policy(*, script: str = "'self'", style: str = "'self'") -> str:
    directives = {
        "default-src": "'self'",
        "script-src": script,
        "style-src": style,
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "form-action": " ".join(["'self'", *_CHECKOUT, *_sandbox_checkout()]),
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def _sandbox_checkout() -> list[str]:
    if not settings.STRIPE_SANDBOX_URL:
        return []
    address = urlsplit(settings.STRIPE_SANDBOX_URL)
    return [f"{address.scheme}://{address.netloc}"]
