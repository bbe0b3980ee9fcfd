"""Telling this machine's own addresses, where nobody listens in, from those that a network leads to."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Tell whether a host's name or address stands for this machine; no name is looked up."""
    bare = host.strip("[]")
    try:
        return ip_address(bare).is_loopback
    except ValueError:
        return bare.lower().rstrip(".") == "localhost"
