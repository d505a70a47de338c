"""What a request cost, as the client is told: a header of whole answers, and `usage.cost` wherever usage is shown.

Exact, in the price's currency, and told after the settlement alone. SDKs keep fields that they don't know.
"""

import re

from core.money import decimal_of_picos
from core.usage_event import UsageEvent

# The answer's own usage stands last. A quoted text can't match: its quotes are escaped.
USAGE = re.compile(rb'"usage": ?\{(?=")')


def cost_header(event: UsageEvent) -> tuple[bytes, bytes]:
    return b"x-request-cost", _exact(event)


def with_cost(data: bytes, event: UsageEvent) -> bytes:
    """A whole answer, or the last frames of a stream; unchanged where they show no usage."""
    places = list(USAGE.finditer(data))
    if not places:
        return data
    end = places[-1].end()
    return b'%s"cost":%s,%s' % (data[:end], _exact(event), data[end:])


def _exact(event: UsageEvent) -> bytes:
    return f"{decimal_of_picos(event.amount).normalize():f}".encode()
