"""How the staff site looks: its title, colours and sidebar."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

Item = dict[str, Any]


def _favicon(_request: HttpRequest) -> str:
    return static("icons/favicon.svg")


def staff_site(brand: str) -> dict[str, Any]:
    """Answer unfold's settings."""
    return {
        "SITE_TITLE": f"{brand} staff",
        "SITE_HEADER": brand,
        "SITE_SUBHEADER": "Staff",
        "SITE_SYMBOL": "toll",
        "SITE_URL": "/",
        "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _favicon}],
        "SHOW_HISTORY": False,
        "SHOW_VIEW_ON_SITE": False,
        "SHOW_BACK_BUTTON": True,
        "DASHBOARD_CALLBACK": "billing.admin.dashboard.with_figures_of_today",
        "BORDER_RADIUS": "8px",
        "COLORS": {"primary": TEAL},
        "COMMAND": {"search_models": SEARCHED},
        "SIDEBAR": {"show_search": True, "command_search": True, "navigation": NAVIGATION},
    }


# One hue in eleven steps, the portal's accent.
TEAL = {
    "50": "oklch(98.4% .014 180)",
    "100": "oklch(95.3% .051 180)",
    "200": "oklch(91% .096 180)",
    "300": "oklch(85.5% .138 181)",
    "400": "oklch(77.7% .152 182)",
    "500": "oklch(70.4% .14 182)",
    "600": "oklch(60% .118 185)",
    "700": "oklch(51.1% .096 186)",
    "800": "oklch(43.7% .078 188)",
    "900": "oklch(38.6% .063 188)",
    "950": "oklch(27.7% .046 193)",
}
SEARCHED = ["accounts.Organization", "accounts.User", "keys.ApiKey", "billing.Invoice", "catalog.Model"]


def _page(title: str, model: str, icon: str) -> Item:
    """Link to a model's list, shown to staff who may see it."""
    app, name = model.split(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{name}_changelist"),
        "permission": lambda request: request.user.has_perm(f"{app}.view_{name}"),
    }


NAVIGATION = [
    {"items": [{"title": "Overview", "icon": "dashboard", "link": reverse_lazy("admin:index")}]},
    {
        "title": "Customers",
        "separator": True,
        "items": [
            _page("Customers", "accounts.organization", "apartment"),
            _page("People", "accounts.user", "group"),
            _page("Projects", "accounts.project", "folder"),
            _page("End customers", "accounts.endcustomer", "storefront"),
            _page("API keys", "keys.apikey", "key"),
        ],
    },
    {
        "title": "Catalogue",
        "separator": True,
        "items": [
            _page("Models", "catalog.model", "neurology"),
            _page("Prices", "catalog.priceversion", "sell"),
            _page("Plans", "billing.plan", "package_2"),
            _page("Plan versions", "billing.planversion", "history"),
        ],
    },
    {
        "title": "Billing",
        "separator": True,
        "items": [
            _page("Subscriptions", "billing.subscription", "autorenew"),
            _page("Invoices", "billing.invoice", "receipt_long"),
            _page("Credit", "billing.creditgrant", "redeem"),
            _page("Checkouts", "billing.checkout", "shopping_cart"),
            _page("Ledger", "billing.ledgertransaction", "menu_book"),
            _page("Balances", "billing.ledgeraccount", "account_balance"),
            _page("Revenue", "billing.ledgertransaction", "monitoring")
            | {"link": reverse_lazy("admin:billing_revenue")},
            _page("Proof", "billing.promise", "verified"),
        ],
    },
    {
        "title": "Usage",
        "separator": True,
        "items": [
            _page("Wallets", "usage.wallet", "account_balance_wallet"),
            _page("Periods", "billing.billingperiod", "calendar_month"),
            _page("Rating runs", "billing.ratingrun", "calculate"),
        ],
    },
    {
        "title": "System",
        "separator": True,
        "items": [
            _page("Audit trail", "accounts.auditentry", "policy"),
            _page("Webhook events", "billing.webhookevent", "webhook"),
            _page("Provider calls", "billing.providercall", "swap_horiz"),
            _page("Staff groups", "auth.group", "badge"),
        ],
    },
]
