from django.urls import URLPattern, path

from portal.views import billing, checkout, demo_clock, invoices

urlpatterns: list[URLPattern] = [
    path("billing/", billing.billing_page, name="billing"),
    path("billing/subscribe/<slug:slug>/", checkout.subscribe, name="subscribe"),
    path("billing/credit/", checkout.buy_credit, name="buy_credit"),
    path("billing/checkout/", checkout.checkout_done, name="checkout_done"),
    path("billing/checkout/canceled/", checkout.checkout_canceled, name="checkout_canceled"),
    path("billing/clock/", demo_clock.clock_page, name="demo_clock"),
    path("invoices/", invoices.invoice_list, name="invoices"),
    path("invoices/<uuid:invoice_id>/", invoices.invoice_page, name="invoice"),
    path("invoices/<uuid:invoice_id>/pdf/", invoices.invoice_document, name="invoice_pdf"),
]
