from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def health(_request: HttpRequest) -> HttpResponse:
    """Answer 200 as soon as the portal serves requests; databases are other checks' business."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("healthz", health),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("portal.urls")),
]
