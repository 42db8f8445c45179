"""动态验证码: six digits that a phone and this system both reckon from a shared key and the clock (RFC 6238)."""

import unicodedata
from datetime import datetime

import pyotp

STEP_SECONDS = 30
DIGITS = 6
STEPS_EITHER_WAY = 1
"""How many steps the clock of a phone may be early or late."""

RECOVERY_COUNT = 10
RECOVERY_LENGTH = 16
ALPHABET = "346789ABCDEFGHJKMNPQRTUVWXY"
"""What recovery codes are made of (76 bits each): without 0/O, 1/I/L, 2/Z, 5/S."""

LONGEST_TYPED = 100
DASH = "Pd"
FIELD = "one_time_code"
"""The box of a step's form in which a code is typed."""

ASKED = "该步骤不可撤销，请输入动态验证码"
NOT_SET_UP = "该步骤须先启用动态验证，请在“我的账号”中启用后再办理"


def normalise(typed: str) -> str:
    """A code as it is compared: without blanks and hyphens, at half width, in upper case."""
    plain = unicodedata.normalize("NFKC", typed[:LONGEST_TYPED])
    return "".join(each for each in plain.upper() if not each.isspace() and unicodedata.category(each) != DASH)


def step_at(moment: datetime) -> int:
    """The number of the step of 30 seconds that the moment lies in."""
    return int(moment.timestamp()) // STEP_SECONDS


def step_of(key: str, code: str, moment: datetime) -> int | None:
    """The latest step around the moment whose code this is; None where it is that of none of them."""
    if len(code) != DIGITS or not code.isascii() or not code.isdecimal():
        return None
    here, codes = step_at(moment), pyotp.TOTP(key, digits=DIGITS, interval=STEP_SECONDS)
    steps = range(here + STEPS_EITHER_WAY, here - STEPS_EITHER_WAY - 1, -1)
    matching = [step for step in steps if pyotp.utils.strings_equal(code, codes.generate_otp(step))]
    return matching[0] if matching else None


def address_of(key: str, *, account: str, issuer: str) -> str:
    """What the QR code says to the program on the phone."""
    return pyotp.TOTP(key, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(name=account, issuer_name=issuer)


def grouped(text: str) -> str:
    """A key or a recovery code in groups of four, as people type it."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
