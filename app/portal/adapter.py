"""What every dialect of a portal gives, whichever it speaks: a person, and the legal persons that it acts for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

CALLBACK = "/sign-on/return"
LEEWAY_SECONDS = 60


@dataclass(frozen=True)
class LegalPerson:
    """A company that the portal names for a person; `role` is one of ours, or empty where the portal says none."""

    uscc: str
    name: str
    role: str = ""


@dataclass(frozen=True)
class SignedOn:
    """Who came, as the portal vouches for it. `id_token` is what the portal wants to see again at sign-out."""

    issuer: str
    subject: str
    name: str
    level: str = ""
    legal_persons: tuple[LegalPerson, ...] = ()
    id_token: str = ""


@dataclass(frozen=True)
class Flight:
    """What was agreed when somebody left for the portal, and has to hold when they come back."""

    state: str
    nonce: str
    verifier: str
    role: str = ""
    next: str = ""


class Refusal(Exception):
    """The portal's answer is not taken: a sentence for the person, and the cause for the log."""

    def __init__(self, message: str, cause: str) -> None:
        super().__init__(cause)
        self.message = message


class Unreachable(Exception):
    """The portal does not answer, or not in a way that can be read; the cause is for the log."""


class Portal(Protocol):
    """One portal, spoken to in its dialect."""

    def begin(self, flight: Flight) -> str:
        """The address at the portal to which the browser goes; Unreachable."""

    def finish(self, flight: Flight, answer: Mapping[str, str]) -> SignedOn:
        """Who came back, by the parameters that the browser brought; Refusal, Unreachable."""

    def sign_out(self, id_token: str) -> str:
        """The address that ends the portal's own session, or "" where it offers none."""
