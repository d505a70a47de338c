"""Plans, subscriptions, periods, credit, the ledger, invoices, and what was said to and by the payment provider."""

from billing.models.account import BillingAccount
from billing.models.budget_notice import BudgetNotice
from billing.models.checkout import Checkout
from billing.models.credit_grant import CreditConsumption, CreditGrant
from billing.models.expiry_notice import ExpiryNotice
from billing.models.invoice import Invoice, InvoiceLine, InvoiceSeries
from billing.models.ledger import LedgerAccount, LedgerEntry, LedgerTransaction
from billing.models.period import BillingPeriod
from billing.models.plan import Plan, PlanVersion
from billing.models.promise import Promise
from billing.models.provider import ProviderCall, WebhookEvent
from billing.models.rating_run import Booking, RatingRun
from billing.models.subscription import Subscription

__all__ = [
    "BillingAccount",
    "BillingPeriod",
    "Booking",
    "BudgetNotice",
    "Checkout",
    "CreditConsumption",
    "CreditGrant",
    "ExpiryNotice",
    "Invoice",
    "InvoiceLine",
    "InvoiceSeries",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerTransaction",
    "Plan",
    "PlanVersion",
    "Promise",
    "ProviderCall",
    "RatingRun",
    "Subscription",
    "WebhookEvent",
]
