"""The marks by which the public checks a letter: its verification code and its QR code."""

from __future__ import annotations

import secrets

import segno

ALPHABET = "346789ABCDEFGHJKMNPQRTUVWXY"
CODE_LENGTH = 12
_GROUP = 4


def verification_code() -> str:
    """A fresh random code of 12 characters (57 bits), without 0/O, 1/I/L, 2/Z, 5/S and separators."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def grouped(code: str) -> str:
    """The code as people read it: groups of four joined by hyphens."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def normalise_code(text: str) -> str:
    """The stored form of a code that someone typed: half-width upper case without separators."""
    halved = "".join(chr(ord(each) - 0xFEE0) if "！" <= each <= "～" else each for each in text)
    return "".join(each for each in halved.upper() if each.isascii() and each.isalnum())


def qr_svg(url: str, *, border: int = 4) -> str:
    """The QR code of an address as an SVG element that scales with its box; the border is in modules."""
    code = segno.make_qr(url, error="m")
    return code.svg_inline(border=border, omitsize=True, dark="#000", light="#fff")
