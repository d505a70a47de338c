from django.urls import path

from portal.views import mailbox, public
from portal.views.leak import leak
from portal.views.styleguide import styleguide

urlpatterns = [
    path("", public.landing, name="landing"),
    path("pricing/", public.pricing, name="pricing"),
    path("models/", public.models, name="models"),
    path("docs/", public.docs, name="docs"),
    path("docs/api/", public.api_docs, name="api_docs"),
    path("leaked-key/", leak, name="leak"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<slug:id_>/", mailbox.mail, name="mail"),
    path("mailbox/<slug:id_>/html/", mailbox.mail_html, name="mail_html"),
    path("styleguide/", styleguide, name="styleguide"),
]
