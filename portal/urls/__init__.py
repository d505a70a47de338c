"""The pages, a list per page group."""

from portal.urls import (
    account,
    api,
    batch_api,
    batches,
    billing,
    end_customers,
    keys,
    limits,
    onboarding,
    public,
    usage,
    webhooks,
)

urlpatterns = [
    *public.urlpatterns,
    *account.urlpatterns,
    *onboarding.urlpatterns,
    *keys.urlpatterns,
    *end_customers.urlpatterns,
    *limits.urlpatterns,
    *usage.urlpatterns,
    *batches.urlpatterns,
    *billing.urlpatterns,
    *webhooks.urlpatterns,
    *api.urlpatterns,
    *batch_api.urlpatterns,
]
