"""Addresses: whether a caller's lies in one of the networks that a key allows, and which one the caller's is."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
MAPPED = 96  # bits before the IPv4 address in ::ffff:a.b.c.d


def parse_network(text: str) -> str:
    """Answer `10.0.0.0/8`, `2001:db8::/32` or one address in its canonical form. Raises ValueError."""
    try:
        network = ip_network(text.strip())
    except ValueError as error:
        why = ": it has host bits set" if "host bits" in str(error) else ""
        raise ValueError(f"“{text.strip()[:60]}” is no IP address or CIDR network{why}.") from None
    network = _unmapped(network)
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def _unmapped(network: Network) -> Network:
    """An IPv4 network written inside IPv6 (`::ffff:10.0.0.0/104`) is the IPv4 one: addresses are compared as such."""
    inside = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if inside is None or network.prefixlen < MAPPED:
        return network
    return IPv4Network((inside, network.prefixlen - MAPPED))


def is_within(address: str | None, networks: Sequence[str]) -> bool:
    """Tell whether the address lies in one of the networks. An unknown or unreadable address lies in none."""
    found = parse_address(address or "")
    return found is not None and any(found in network for network in _parsed(tuple(networks)))


def client_address(peer: str, forwarded_for: str, trusted: Sequence[str]) -> str:
    """Answer who calls: the peer, or, where trusted proxies stand between, the last address that none of them has.

    `X-Forwarded-For` is read from the right: what stands left of the first untrusted address is the caller's own say.
    """
    if not trusted:
        return peer
    address = peer
    for hop in reversed([hop.strip() for hop in forwarded_for.split(",") if hop.strip()]):
        if not is_within(address, trusted):
            break
        address = hop
    return address


def parse_address(text: str) -> Address | None:
    """Read an address; an IPv4 one inside IPv6 (`::ffff:10.0.0.1`) is the IPv4 one that it carries."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def canonical(networks: Iterable[str]) -> list[str]:
    """Each network once, in the order given. Raises ValueError."""
    return list(dict.fromkeys(parse_network(network) for network in networks))


@lru_cache(maxsize=4096)
def _parsed(networks: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(network) for network in networks)
