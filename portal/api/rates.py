"""How many requests the API takes, per caller: counted in Redis, for all processes together.

REST framework's own throttle keeps a list of instants per caller and writes it back without a lock: under load it
loses counts, and at thousands of requests a second each request would carry thousands of instants. This is its
interface (`BaseThrottle`) over one counter per caller and minute.
"""

import logging
import time
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, cast

from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core.networks import parse_address
from notices.facts import redis_client
from portal.address import address_of
from portal.api.errors import TooManyRequests

if TYPE_CHECKING:
    from portal.api.authentication import Program

logger = logging.getLogger(__name__)

MINUTE = 60
# A customer of a provider holds a whole /64 of IPv6: its addresses count as one.
IPV6_NETWORK_BITS = 64
COUNT = """
local count = redis.call('INCRBY', KEYS[1], ARGV[2])
if count == tonumber(ARGV[2]) then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""


@dataclass(slots=True)
class Rate:
    """At most `most` requests per caller in each minute of the clock.

    A process takes a thousandth of them at a time out of Redis, and gives them out by itself: so `most` is exceeded by
    a thousandth per process at worst, and exact where it is below 2,000.
    """

    name: str
    most: int
    _minute: int = 0
    _taken: dict[str, int] = field(default_factory=dict)

    def spend(self, caller: str) -> int:
        """Answer how many requests of this minute this is, at least. Raises TooManyRequests.

        While Redis is away nothing is counted (0), and nobody is refused.
        """
        now = int(time.time())
        self._forget_other_minutes(now // MINUTE)
        if left := self._taken.get(caller):
            self._taken[caller] = left - 1
            return 2
        share = max(1, self.most // 1000)
        try:
            key = f"rate:{self.name}:{caller}:{now // MINUTE}"
            count = int(redis_client().eval(COUNT, 1, key, str(MINUTE), str(share))) - share + 1
        except RedisError:
            logger.warning("The rate %s is not counted: Redis is away", self.name)
            return 0
        if count > self.most:
            raise TooManyRequests(MINUTE - now % MINUTE, self.most)
        self._taken[caller] = share - 1
        return count

    def _forget_other_minutes(self, minute: int) -> None:
        if self._minute != minute:
            self._minute, self._taken = minute, {}


def caller_at(request: HttpRequest) -> str:
    """Answer the caller's address, or its network where one caller has many addresses."""
    address = parse_address(address_of(request) or "")
    if isinstance(address, IPv6Address):
        return f"{int(address) >> IPV6_NETWORK_BITS:x}::/64"
    return str(address or "unknown")


# Ten a second with one admin key.
MANAGEMENT = Rate("management", 600)


class PerAdminKey(BaseThrottle):
    """REST framework's DEFAULT_THROTTLE_CLASSES: what one admin key may ask of the management API."""

    rate = MANAGEMENT

    def allow_request(self, request: Request, _view: object) -> bool:
        program = cast("Program | None", request.user)  # None on pages of the API that everybody may read
        if program is not None:
            self.rate.spend(str(program.key.pk))
        return True
