from django.urls import URLPattern, path

from portal.subscription_changes import CANCELLATION, CONTINUATION
from portal.views import billing, checkout, demo_clock, invoices
from portal.views.subscription_changes import subscription_change

urlpatterns: list[URLPattern] = [
    path("billing/", billing.billing_page, name="billing"),
    path("billing/subscribe/<slug:slug>/", checkout.subscribe, name="subscribe"),
    path("billing/cancellation/", subscription_change, {"change": CANCELLATION}, name="subscription_cancellation"),
    path("billing/continuation/", subscription_change, {"change": CONTINUATION}, name="subscription_continuation"),
    path("billing/credit/", checkout.buy_credit, name="buy_credit"),
    path("billing/checkout/", checkout.checkout_done, name="checkout_done"),
    path("billing/checkout/canceled/", checkout.checkout_canceled, name="checkout_canceled"),
    path("billing/clock/", demo_clock.clock_page, name="demo_clock"),
    path("invoices/", invoices.invoice_list, name="invoices"),
    path("invoices/<uuid:invoice_id>/", invoices.invoice_page, name="invoice"),
    path("invoices/<uuid:invoice_id>/pdf/", invoices.invoice_document, name="invoice_pdf"),
]
