"""The portal's two dialects: an OpenID provider with codes, PKCE and signed tokens, and one that hands out tickets.

It keeps everything in memory: with its process it forgets who was signed in.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from app.core import clock
from app.ops.demo_portal.citizens import Citizen

LASTS_SECONDS = 60
MOST_KEPT = 1000
OK, REFUSED = 200, 401


@dataclass(frozen=True)
class Grant:
    """What a code, a ticket or a token stands for."""

    citizen: Citizen
    redirect: str
    challenge: str = ""
    nonce: str = ""


class Kept:
    """Secrets that stand for something, once and for a minute."""

    def __init__(self, seconds: float = LASTS_SECONDS) -> None:
        self._seconds, self._lock = seconds, Lock()
        self._rows: dict[str, tuple[float, Grant]] = {}

    def put(self, grant: Grant) -> str:
        """A new secret for it."""
        secret = secrets.token_urlsafe(24)
        with self._lock:
            if len(self._rows) >= MOST_KEPT:
                del self._rows[next(iter(self._rows))]
            self._rows[secret] = (time.monotonic() + self._seconds, grant)
        return secret

    def take(self, secret: str) -> Grant | None:
        """What it stands for; it is gone then."""
        with self._lock:
            until, grant = self._rows.pop(secret, (0.0, None))
        return grant if until > time.monotonic() else None


class Provider:
    """Who signs people on for one client."""

    def __init__(self, address: str, *, client_id: str, client_secret: str, callback: str) -> None:
        self.address, self.callback = address, callback
        self.client_id, self.client_secret = client_id, client_secret
        self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(8), "use": "sig", "alg": "RS256"})
        self.codes, self.tokens, self.tickets, self.ticket_tokens = Kept(), Kept(), Kept(), Kept()

    def description(self) -> dict[str, Any]:
        """What it says of itself (OpenID Connect Discovery 1.0)."""
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/oidc/authorize",
            "token_endpoint": f"{self.address}/oidc/token",
            "userinfo_endpoint": f"{self.address}/oidc/userinfo",
            "jwks_uri": f"{self.address}/oidc/keys",
            "end_session_endpoint": f"{self.address}/sign-out",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "profile"],
        }

    def keys(self) -> dict[str, Any]:
        """The public halves of its keys."""
        return dict(KeySet([self.key]).as_dict(private=False))

    def faults(self, asked: Mapping[str, str]) -> str:
        """Why somebody who was sent here is not signed on; "" when there is nothing against it."""
        if asked.get("client_id") != self.client_id or asked.get("redirect_uri") != self.callback:
            return "接入系统未登记，或返回地址不正确"
        if asked.get("response_type") != "code" or "openid" not in asked.get("scope", "").split():
            return "只支持 openid 授权码方式"
        if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
            return "缺少 PKCE 校验参数（S256）"
        return ""

    def with_code(self, citizen: Citizen, asked: Mapping[str, str]) -> str:
        """The address of the client to which the person is led, with a code."""
        grant = Grant(citizen, asked["redirect_uri"], asked["code_challenge"], asked.get("nonce", ""))
        told = {"code": self.codes.put(grant), "state": asked.get("state", ""), "iss": self.address}
        return f"{self.callback}?{urlencode(told)}"

    def exchange(self, asked: Mapping[str, str], client: tuple[str, str]) -> tuple[dict[str, Any], int]:
        """Tokens for a code, with the status of the answer."""
        if not self._is_client(*client):
            return {"error": "invalid_client"}, REFUSED
        grant = self.codes.take(asked.get("code", ""))
        verifier = asked.get("code_verifier", "")
        if (
            grant is None
            or asked.get("grant_type") != "authorization_code"
            or asked.get("redirect_uri") != grant.redirect
            or not verifier
            or create_s256_code_challenge(verifier) != grant.challenge
        ):
            return {"error": "invalid_grant"}, 400
        found = {"token_type": "Bearer", "expires_in": LASTS_SECONDS, "access_token": self.tokens.put(grant)}
        return {**found, "id_token": self.signed(self.claims(grant))}, OK

    def claims(self, grant: Grant) -> dict[str, Any]:
        """What the signed token says."""
        moment = int(clock.now().timestamp())
        return {
            "iss": self.address,
            "aud": self.client_id,
            "sub": grant.citizen.subject,
            "iat": moment,
            "exp": moment + LASTS_SECONDS,
            "nonce": grant.nonce,
        }

    def signed(self, claims: Mapping[str, Any]) -> str:
        """The token under the provider's key."""
        return jwt.encode({"alg": "RS256", "kid": str(self.key.kid)}, dict(claims), self.key)

    def about(self, token: str) -> tuple[dict[str, Any], int]:
        """Who it is, for the bearer of a token."""
        grant = self.tokens.take(token)
        if grant is None:
            return {"error": "invalid_token"}, REFUSED
        citizen = grant.citizen
        named = [{"uscc": each.uscc, "name": each.name, "role": each.role} for each in citizen.companies]
        return {"sub": citizen.subject, "name": citizen.name, "acr": citizen.level, "legal_persons": named}, OK

    def may_have_ticket(self, asked: Mapping[str, str]) -> bool:
        """Whether a ticket may be carried to the address that was named."""
        return asked.get("appid") == self.client_id and asked.get("redirect", "").partition("?")[0] == self.callback

    def with_ticket(self, citizen: Citizen, redirect: str) -> str:
        """The address of the client to which the person is led, with a ticket for this address alone."""
        return f"{redirect}{'&' if '?' in redirect else '?'}ticket={self.tickets.put(Grant(citizen, redirect))}"

    def token_for(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """A token for a ticket."""
        grant = self.tickets.take(asked.get("ticket", ""))
        if not self._is_client(asked.get("appid", ""), asked.get("secret", "")) or grant is None:
            return {"code": REFUSED, "message": "票据无效"}
        if asked.get("redirect") != grant.redirect:
            return {"code": REFUSED, "message": "票据不是为该地址签发的"}
        return {"code": OK, "data": {"token": self.ticket_tokens.put(grant)}}

    def person_of(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """Who it is, for a token that came of a ticket."""
        grant = self.ticket_tokens.take(asked.get("token", ""))
        if not self._is_client(asked.get("appid", ""), asked.get("secret", "")) or grant is None:
            return {"code": REFUSED, "message": "令牌无效"}
        citizen = grant.citizen
        named = [{"uscc": each.uscc, "corpName": each.name, "corpRole": each.role} for each in citizen.companies]
        told = {"userId": citizen.subject, "userName": citizen.name, "authLevel": citizen.level, "corps": named}
        return {"code": OK, "data": told}

    def _is_client(self, name: str, secret: str) -> bool:
        return name == self.client_id and secrets.compare_digest(secret.encode(), self.client_secret.encode())
