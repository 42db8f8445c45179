"""Addresses of the network: which lie in the public internet, and which web address events may be sent to."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from models.rules.problem import Problem

LONGEST = 300
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
TRANSLATED = IPv6Network("64:ff9b::/96")
"""Where a network that only speaks IPv6 keeps the whole of IPv4 (RFC 6052)."""

PORTS = {"https": 443, "http": 80}


def is_public(address: str) -> bool:
    """Whether this is an address of the public internet, in itself and in what IPv4 address it carries."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_anybodys(each) for each in _carried(found))


def is_loopback_name(host: str) -> bool:
    """Whether the host is called as this machine is by itself."""
    return host.lower() in LOOPBACK_NAMES


def port_of(parts: SplitResult) -> int:
    """The port of a web address that `check` lets pass."""
    return parts.port or PORTS[parts.scheme]


def check(text: str, field: str = "address") -> list[Problem]:
    """What stands against sending events there, as far as the address itself tells."""
    parts = _parts(text)
    if len(text) > LONGEST or parts is None or not parts.hostname or not text.isascii() or " " in text:
        return [Problem("接收地址格式不正确，应如 https://example.com/events", field)]
    if parts.scheme not in PORTS:
        return [Problem("接收地址应以 https:// 开头", field)]
    if parts.username is not None or parts.fragment:
        return [Problem("接收地址不能包含用户名、密码或“#”，请通过签名核对来源", field)]
    if parts.scheme == "http" and not is_loopback_name(parts.hostname):
        return [Problem("接收地址应以 https:// 开头", field)]
    return []


def is_literal(host: str) -> bool:
    """Whether the host is a number, not a name."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_anybodys(found: IPv4Address | IPv6Address) -> bool:
    within = found.is_multicast or found.is_reserved or (isinstance(found, IPv6Address) and found.is_site_local)
    return found.is_global and not within


def _parts(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        return parts if parts.port is None or parts.port > 0 else None
    except ValueError:
        return None


def _carried(found: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The address, or the IPv4 addresses that are meant by it."""
    if isinstance(found, IPv4Address):
        return [found]
    if found.ipv4_mapped is not None:
        return [found.ipv4_mapped]
    if found in TRANSLATED:
        return [IPv4Address(int(found) & 0xFFFFFFFF)]
    inner = [found.sixtofour] if found.sixtofour is not None else list(found.teredo or ())
    return [found, *inner]
