"""Which address calls, and whether it lies in the networks that a key allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.networks import canonical, client_address, is_within, parse_network

PROXIES = ("127.0.0.1", "10.0.0.0/8", "::1")


@pytest.mark.parametrize(
    ("address", "networks", "is_inside"),
    [
        ("203.0.113.7", ["203.0.113.0/24"], True),
        ("203.0.114.7", ["203.0.113.0/24"], False),
        ("203.0.113.7", ["198.51.100.1", "203.0.113.7"], True),
        ("2001:db8::5", ["2001:db8::/32"], True),
        ("2001:db9::5", ["2001:db8::/32"], False),
        ("::ffff:203.0.113.7", ["203.0.113.0/24"], True),
        ("203.0.113.7", ["2001:db8::/32"], False),
        ("", ["0.0.0.0/0"], False),
        (None, ["0.0.0.0/0"], False),
        ("not an address", ["0.0.0.0/0"], False),
    ],
)
def test_an_address_lies_in_a_network_or_not(address: str | None, networks: list[str], is_inside: bool) -> None:
    assert is_within(address, networks) is is_inside


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", "1.2.3.4", "203.0.113.7"),  # nobody we trust: its word counts nothing
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "1.2.3.4, 203.0.113.7", "203.0.113.7"),  # what the caller made up stands left of the truth
        ("10.1.2.3", "1.2.3.4, 203.0.113.7, 10.9.9.9", "203.0.113.7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("::1", "2001:db8::5", "2001:db8::5"),
        ("127.0.0.1", "nonsense", "nonsense"),
    ],
)
def test_only_trusted_proxies_say_who_calls(peer: str, forwarded: str, address: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == address


def test_without_trusted_proxies_the_peer_calls() -> None:
    assert client_address("127.0.0.1", "1.2.3.4", ()) == "127.0.0.1"


def test_networks_are_kept_in_one_form_and_once() -> None:
    assert canonical([" 10.0.0.0/8", "203.0.113.7/32", "203.0.113.7", "2001:DB8::/32"]) == [
        "10.0.0.0/8",
        "203.0.113.7",
        "2001:db8::/32",
    ]


@pytest.mark.parametrize("text", ["", "10.0.0.1/8", "10.0.0.0/33", "home", "2001:db8::/129"])
def test_what_is_no_network_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="is no IP address or CIDR network"):
        parse_network(text)


@given(st.ip_addresses())
def test_every_address_is_its_own_network(address: object) -> None:
    assert is_within(str(address), [parse_network(str(address))])
