from django.urls import URLPattern, path

from portal.views import usage

urlpatterns: list[URLPattern] = [
    path("usage/", usage.usage_page, name="usage"),
    path("usage/export.csv", usage.usage_export, name="usage_export"),
    path("usage/requests/<uuid:request_id>/", usage.usage_request, name="usage_request"),
]
