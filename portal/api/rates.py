"""How many requests the API takes, per caller: counted in Redis, for all processes together.

REST framework's own throttle keeps a list of instants per caller and writes it back without a lock: under load it
loses counts, and at thousands of requests a second each request would carry thousands of instants. This is its
interface (`BaseThrottle`) over one counter per caller and minute.
"""

import logging
import time
from dataclasses import dataclass
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
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `most` requests per caller in each minute of the clock."""

    name: str
    most: int

    def spend(self, caller: str) -> int:
        """Answer how many requests of this minute this is. Raises TooManyRequests.

        While Redis is away nothing is counted (0), and nobody is refused.
        """
        now = int(time.time())
        try:
            key = f"rate:{self.name}:{caller}:{now // MINUTE}"
            count = int(redis_client().eval(COUNT, 1, key, str(MINUTE)))
        except RedisError:
            logger.warning("The rate %s is not counted: Redis is away", self.name)
            return 0
        if count > self.most:
            raise TooManyRequests(MINUTE - now % MINUTE, self.most)
        return count


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
