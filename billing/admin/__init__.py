"""Staff pages of customers and their money. Amounts are shown and entered in dollars."""

from billing.admin.credit import CreditGrantAdmin
from billing.admin.customers import CustomerAdmin
from billing.admin.invoices import InvoiceAdmin
from billing.admin.ledger import LedgerAccountAdmin, LedgerTransactionAdmin
from billing.admin.periods import BillingPeriodAdmin, RatingRunAdmin
from billing.admin.plan_versions import PlanVersionAdmin
from billing.admin.plans import PlanAdmin
from billing.admin.promises import PromiseAdmin
from billing.admin.provider import CheckoutAdmin, ProviderCallAdmin, WebhookEventAdmin
from billing.admin.subscriptions import SubscriptionAdmin

__all__ = [
    "BillingPeriodAdmin",
    "CheckoutAdmin",
    "CreditGrantAdmin",
    "CustomerAdmin",
    "InvoiceAdmin",
    "LedgerAccountAdmin",
    "LedgerTransactionAdmin",
    "PlanAdmin",
    "PlanVersionAdmin",
    "PromiseAdmin",
    "ProviderCallAdmin",
    "RatingRunAdmin",
    "SubscriptionAdmin",
    "WebhookEventAdmin",
]
