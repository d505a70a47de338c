from django.urls import URLPattern, path

from portal.views.stripe_webhook import stripe_webhook

urlpatterns: list[URLPattern] = [path("webhooks/stripe/", stripe_webhook, name="stripe_webhook")]
