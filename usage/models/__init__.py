"""What was used: events, hourly rollups, and the wallet that settlement moves."""

from usage.models.event import UsageEvent
from usage.models.rollup import UsageRollup
from usage.models.wallet import Wallet

__all__ = ["UsageEvent", "UsageRollup", "Wallet"]
