from django.urls import path

from portal.key_changes import DISABLEMENT, ENABLEMENT, REVOCATION
from portal.views import keys
from portal.views.key_changes import key_change

urlpatterns = [
    path("keys/", keys.keys, name="keys"),
    path("keys/new/", keys.new_key, name="key_new"),
    path("keys/<uuid:pk>/once/", keys.key_once, name="key_once"),
    path("keys/<uuid:pk>/first-request/", keys.key_first_request, name="key_first_request"),
    path("keys/<uuid:pk>/revocation/", key_change, {"change": REVOCATION}, name="key_revocation"),
    path("keys/<uuid:pk>/disablement/", key_change, {"change": DISABLEMENT}, name="key_disablement"),
    path("keys/<uuid:pk>/enablement/", key_change, {"change": ENABLEMENT}, name="key_enablement"),
]
