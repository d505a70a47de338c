"""The pages, a list per page group."""

from portal.urls import account, api, billing, keys, onboarding, public, usage, webhooks

urlpatterns = [
    *public.urlpatterns,
    *account.urlpatterns,
    *onboarding.urlpatterns,
    *keys.urlpatterns,
    *usage.urlpatterns,
    *billing.urlpatterns,
    *webhooks.urlpatterns,
    *api.urlpatterns,
]
