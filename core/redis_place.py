"""Where Redis is: one server, or a Redis Cluster (`redis+cluster://one:6379,two:6379`), and where a key is in one."""

import binascii
from dataclasses import dataclass
from functools import cache
from itertools import count

CLUSTER = "+cluster"
SLOTS = 16_384


@dataclass(frozen=True, slots=True)
class RedisPlace:
    """`seeds` are URLs of single servers; a cluster tells about its other nodes by itself."""

    seeds: tuple[str, ...]
    is_cluster: bool


def redis_place(url: str) -> RedisPlace:
    """Read a URL. In a cluster's, hosts are parted by commas, and there are no databases."""
    scheme, _, rest = url.partition("://")
    if not scheme.endswith(CLUSTER):
        return RedisPlace((url,), is_cluster=False)
    account, at, places = rest.rpartition("@")
    hosts, _, _ = places.partition("/")
    plain = scheme.removesuffix(CLUSTER)
    return RedisPlace(tuple(f"{plain}://{account}{at}{host}" for host in hosts.split(",")), is_cluster=True)


def slot_of(key: str | bytes) -> int:
    """Answer the slot of a key in a Redis Cluster: CRC16 (XMODEM) of its hash tag, or of all of it without one."""
    data = key.encode() if isinstance(key, str) else key
    begin = data.find(b"{")
    if begin >= 0:
        end = data.find(b"}", begin + 1)
        if end > begin + 1:
            data = data[begin + 1 : end]
    return binascii.crc_hqx(data, 0) % SLOTS


@cache
def tag_in(slot: int) -> str:
    """Answer a hash tag that falls into the slot."""
    return next(tag for tag in map(str, count()) if slot_of(tag) == slot)
