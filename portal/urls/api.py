from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from portal.api import budgets, end_customers, events, keys, usage
from portal.api.authorize import authorize_key
from portal.api.errors import nothing_here
from portal.api.leaks import github_found_keys, report_leaked_key
from portal.api.verify import verify_key

urlpatterns = [
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/v1/keys", keys.Keys.as_view(), name="api_keys"),
    path("api/v1/keys/verify", verify_key, name="api_verify"),
    path("api/v1/keys/authorize", authorize_key, name="api_authorize"),
    path("api/v1/keys/authorize/<path:rest>", authorize_key, name="api_authorize_path"),
    path("api/v1/keys/report-leak", report_leaked_key, name="api_report_leak"),
    path("api/v1/github/secret-scanning", github_found_keys, name="api_github"),
    path("api/v1/keys/<uuid:pk>", keys.Key.as_view(), name="api_key"),
    path("api/v1/keys/<uuid:pk>/rotate", keys.Rotation.as_view(), name="api_key_rotate"),
    path("api/v1/keys/<uuid:pk>/revoke", keys.Revocation.as_view(), name="api_key_revoke"),
    path("api/v1/keys/<uuid:pk>/disable", keys.Disablement.as_view(), name="api_key_disable"),
    path("api/v1/keys/<uuid:pk>/enable", keys.Enablement.as_view(), name="api_key_enable"),
    path("api/v1/end-customers", end_customers.EndCustomers.as_view(), name="api_end_customers"),
    path("api/v1/end-customers/<uuid:pk>", end_customers.OneEndCustomer.as_view(), name="api_end_customer"),
    path(
        "api/v1/end-customers/<uuid:pk>/suspend",
        end_customers.EndCustomerSuspension.as_view(),
        name="api_end_customer_suspend",
    ),
    path(
        "api/v1/end-customers/<uuid:pk>/restore",
        end_customers.EndCustomerRestoration.as_view(),
        name="api_end_customer_restore",
    ),
    path("api/v1/events", events.Events.as_view(), name="api_events"),
    path("api/v1/usage", usage.Usage.as_view(), name="api_usage"),
    path("api/v1/budgets", budgets.Budgets.as_view(), name="api_budgets"),
    path("api/v1/budgets/<uuid:pk>", budgets.OneBudget.as_view(), name="api_budget"),
    path("api/<path:rest>", nothing_here, name="api_nothing"),
]
