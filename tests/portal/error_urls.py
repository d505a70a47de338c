"""The portal's addresses, and two that fail."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import urlpatterns as portal
from core.errors import Conflict


def failing(_request: HttpRequest) -> HttpResponse:
    raise Conflict("The period was closed in the meantime.")


def broken(_request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [*portal, path("failing/", failing), path("broken/", broken)]
