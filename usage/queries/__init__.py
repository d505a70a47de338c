"""What has been used, for pages and exports: read from what `settle()` writes, as fresh as the last commit."""

from usage.queries.requests import latest_requests, request_of
from usage.queries.selection import Dimension, Selection, Step
from usage.queries.sums import GroupedRow, UsageRow, UsageSum, grouped_by, total_of, usage_by
from usage.queries.wallets import wallet_of

__all__ = [
    "Dimension",
    "GroupedRow",
    "Selection",
    "Step",
    "UsageRow",
    "UsageSum",
    "grouped_by",
    "latest_requests",
    "request_of",
    "total_of",
    "usage_by",
    "wallet_of",
]
