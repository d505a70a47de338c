"""How a key's text gets from the request that issued it to the page that shows it, without ever being stored here.

It travels in a signed cookie that the browser keeps in memory and sends to that one page only, whose answer
deletes it. Showing it in the answer of the POST itself would show it again, or issue another, on every reload.
"""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from keys.issue import IssuedKey
from keys.models import ApiKey

COOKIE = "new_key"
SALT = "portal.show_once"
GOOD_FOR = timedelta(minutes=5)


def show_once(issued: IssuedKey, *, then: str = "") -> HttpResponseRedirect:
    """Redirect to the key's page. `then` is where the person was on the way to, if not just in."""
    page = reverse("key_once", args=[issued.key.pk])
    is_on_the_way = then not in {"", settings.LOGIN_REDIRECT_URL}
    response = HttpResponseRedirect(f"{page}?{urlencode({'then': then})}" if is_on_the_way else page)
    response.set_signed_cookie(
        COOKIE,
        issued.text,
        salt=_salt(issued.key),
        path=page,
        httponly=True,
        samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def text_of(request: HttpRequest, key: ApiKey) -> str | None:
    """Answer the key's text where this request is the one that may show it."""
    text: str | None = request.get_signed_cookie(COOKIE, None, salt=_salt(key), max_age=GOOD_FOR)
    return text


def forget(response: HttpResponse, key: ApiKey) -> None:
    response.delete_cookie(COOKIE, path=reverse("key_once", args=[key.pk]), samesite="Strict")


def _salt(key: ApiKey) -> str:
    return f"{SALT}:{key.pk}"
