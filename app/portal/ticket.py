"""The dialect of provincial portals: sign-in page → ticket → token → person and legal persons.

Each says it a little differently: addresses, names of parameters and places of fields are settings. The state is ours
and lies in the address to which the portal leads back; a ticket is asked for together with that address.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from requests import Session

from app.portal import calls, mapping
from app.portal.adapter import CALLBACK, Flight, Refusal, SignedOn
from app.portal.settings import Settings

USED = "政务服务网的登录凭证已使用或已过期，请重新登录"
LONGEST_TICKET = 2000


class TicketPortal:
    """A portal that hands out tickets."""

    def __init__(self, settings: Settings, base_url: str) -> None:
        self._settings = settings
        self._base_url = base_url

    def begin(self, flight: Flight) -> str:
        """The portal's sign-in page; the person's role goes along as a hint."""
        names = self._settings.parameters
        told = {names["client"]: self._settings.client_id, names["redirect"]: self._callback(flight)}
        return _with(self._settings.page, {**told, **({names["role"]: flight.role} if flight.role else {})})

    def finish(self, flight: Flight, answer: Mapping[str, str]) -> SignedOn:
        """Change the ticket for a token, and the token for the person."""
        settings, names = self._settings, self._settings.parameters
        ticket = answer.get(names["ticket"], "")
        if not 0 < len(ticket) <= LONGEST_TICKET:
            raise Refusal(USED, "there is no ticket, or one that is none")
        session = calls.bound(Session())
        ours = {names["client"]: settings.client_id, names["secret"]: settings.client_secret}
        asked = {**ours, names["ticket"]: ticket, names["redirect"]: self._callback(flight)}
        said = calls.post_json(session, settings.token, data=asked)
        token = self._told(said, "the ticket")
        person = calls.post_json(session, settings.person, data={**ours, names["token"]: token})
        self._check(person, "the token")
        return mapping.person(person, settings.fields, settings.roles, issuer=settings.person_issuer)

    def sign_out(self, id_token: str) -> str:
        """Where a setting says."""
        if not self._settings.sign_out:
            return ""
        return _with(self._settings.sign_out, {self._settings.parameters["redirect"]: f"{self._base_url}/login/"})

    def _callback(self, flight: Flight) -> str:
        return f"{self._base_url}{CALLBACK}?{urlencode({'state': flight.state})}"

    def _told(self, said: Mapping[str, Any], what: str) -> str:
        self._check(said, what)
        token = mapping.text_at(said, self._settings.fields["token"], LONGEST_TICKET)
        if not token:
            raise Refusal(USED, f"there is no token for {what}")
        return token

    def _check(self, said: Mapping[str, Any], what: str) -> None:
        path, value = self._settings.success
        if path and mapping.text_at(said, path, 40) != value:
            raise Refusal(USED, f"{what} is refused: {path} is {mapping.text_at(said, path, 40)!r}")


def _with(address: str, told: Mapping[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(told)}"
