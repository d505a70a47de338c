from django.urls import path

from portal.key_changes import DISABLEMENT, ENABLEMENT, REVOCATION
from portal.views import key_page, keys
from portal.views.key_changes import key_change
from portal.views.key_policy import key_policy

urlpatterns = [
    path("keys/", keys.keys, name="keys"),
    path("keys/new/", keys.new_key, name="key_new"),
    path("keys/rules/", key_policy, name="key_policy"),
    path("keys/<uuid:pk>/", key_page.key_page, name="key"),
    path("keys/<uuid:pk>/edit/", key_page.key_edit, name="key_edit"),
    path("keys/<uuid:pk>/rotation/", key_page.key_rotation, name="key_rotation"),
    path("keys/<uuid:pk>/once/", keys.key_once, name="key_once"),
    path("keys/<uuid:pk>/first-request/", keys.key_first_request, name="key_first_request"),
    path("keys/<uuid:pk>/revocation/", key_change, {"change": REVOCATION}, name="key_revocation"),
    path("keys/<uuid:pk>/disablement/", key_change, {"change": DISABLEMENT}, name="key_disablement"),
    path("keys/<uuid:pk>/enablement/", key_change, {"change": ENABLEMENT}, name="key_enablement"),
]
