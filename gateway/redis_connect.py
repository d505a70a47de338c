"""From a URL to a pipe, or to a connection that listens."""

import random

from redis.asyncio import Redis

from core.redis_place import redis_place
from gateway.redis_cluster import RedisCluster
from gateway.redis_node import RedisNode
from gateway.redis_pipe import RedisPipe

CONNECT_SECONDS = 1.0


def pipe_to(url: str) -> RedisPipe:
    place = redis_place(url)
    return RedisCluster(place) if place.is_cluster else RedisNode(place.seeds[0])


def listener_to(url: str) -> "Redis":
    """Every node of a cluster hears every announcement; one that is away is not chosen for long."""
    seed = random.choice(redis_place(url).seeds)  # noqa: S311 - any will do
    return Redis.from_url(seed, socket_timeout=None, socket_connect_timeout=CONNECT_SECONDS)
