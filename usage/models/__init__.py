"""What was used: events, hourly rollups, and the wallet and the budgets that settlement moves."""

from usage.models.budget import Budget, BudgetSpend
from usage.models.event import UsageEvent
from usage.models.rollup import UsageRollup
from usage.models.wallet import Wallet

__all__ = ["Budget", "BudgetSpend", "UsageEvent", "UsageRollup", "Wallet"]
