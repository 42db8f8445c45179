"""The dialect of OpenID Connect: discovery, a code with PKCE, a signed token, userinfo, RP-initiated sign-out.

What is checked of the token: signature by a key of the provider's own set, issuer, audience, expiry, nonce
(OpenID Connect Core 1.0, 3.1.3.7), and that userinfo speaks of the same person (5.3.2).
"""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import Session

from app.core import clock
from app.portal import calls, mapping
from app.portal.adapter import CALLBACK, LEEWAY_SECONDS, Flight, Refusal, SignedOn, Unreachable
from app.portal.settings import Settings, is_safe, origin

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures with a private key: whoever knows no more than the public one, or our secret, can make none."""

DISCOVERY = "/.well-known/openid-configuration"
KNOWN_SECONDS = 600.0
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
AGAIN = "政务服务网的登录信息未通过核验，未能登录，请重新登录；如仍出现，请联系平台管理员"
USED = "政务服务网的登录凭证已使用或已过期，请重新登录"


class OpenIdPortal:
    """A portal that is an OpenID provider; what it says of itself is read anew after ten minutes."""

    def __init__(self, settings: Settings, base_url: str) -> None:
        self._settings = settings
        self._callback = f"{base_url}{CALLBACK}"
        self._base_url = base_url
        self._described: tuple[float, Mapping[str, Any]] | None = None
        self._keys: KeySet | None = None

    def begin(self, flight: Flight) -> str:
        """The provider's page; the person's role goes along as a hint."""
        hints = {self._settings.parameters["role"]: flight.role} if flight.role else {}
        endpoint = self._description()["authorization_endpoint"]
        address, _state = self._session().create_authorization_url(
            endpoint, state=flight.state, code_verifier=flight.verifier, nonce=flight.nonce, **hints
        )
        return str(address)

    def finish(self, flight: Flight, answer: Mapping[str, str]) -> SignedOn:
        """Change the code for a token, check it, and ask who it is."""
        if answer.get("iss", self._settings.issuer) != self._settings.issuer:
            raise Refusal(AGAIN, f"the answer is of {answer['iss']}")  # RFC 9207: another provider's answer
        token = self._token(flight, answer.get("code", ""))
        claims = self._claims(str(token.get("id_token", "")), flight)
        said = {**claims, **self._about(str(token.get("access_token", "")), claims)}
        settings = self._settings
        return mapping.person(
            said, settings.fields, settings.roles, issuer=settings.person_issuer, id_token=str(token["id_token"])
        )

    def sign_out(self, id_token: str) -> str:
        """The provider's end of session; "" where it names none, or one to which a page of ours may not lead."""
        try:
            address = self._settings.sign_out or str(self._description().get("end_session_endpoint") or "")
        except Unreachable:
            return ""
        if not is_safe(address) or origin(address) not in self._settings.origins:
            return ""
        told = {"post_logout_redirect_uri": f"{self._base_url}/login/", "client_id": self._settings.client_id}
        return f"{address}?{urlencode({**told, **({'id_token_hint': id_token} if id_token else {})})}"

    def _session(self) -> Any:
        settings = self._settings
        session = OAuth2Session(
            settings.client_id,
            settings.client_secret,
            scope=settings.scopes,
            redirect_uri=self._callback,
            code_challenge_method="S256",
            token_endpoint_auth_method=settings.client_authentication,
        )
        return calls.bound(session)

    def _description(self) -> Mapping[str, Any]:
        """What the provider says of itself, of the issuer that is set and at safe addresses alone."""
        moment = time.monotonic()
        if self._described is None or moment - self._described[0] > KNOWN_SECONDS:
            address = f"{self._settings.issuer.rstrip('/')}{DISCOVERY}"
            said = calls.get_json(calls.bound(Session()), address)
            if said.get("issuer") != self._settings.issuer:
                raise Unreachable(f"the discovery of {self._settings.issuer} is of {said.get('issuer')!r}")
            unsafe = [name for name in ENDPOINTS if not is_safe(str(said.get(name, "")))]
            if unsafe:
                raise Unreachable(f"the discovery has no safe {', '.join(unsafe)}")
            self._described = (moment, said)
        return self._described[1]

    def _token(self, flight: Flight, code: str) -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = self._session().fetch_token(
                self._description()["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=flight.verifier,
            )
        except AuthlibBaseError as error:
            raise Refusal(USED, f"the token endpoint refuses: {error}") from error
        except calls.BROKEN as error:
            raise Unreachable(f"the token endpoint: {error}") from error
        if not found.get("id_token"):
            raise Refusal(AGAIN, "there is no id_token")
        return found

    def _claims(self, id_token: str, flight: Flight) -> Mapping[str, Any]:
        """What the token says, once it is known to be the provider's, for us, of now and for this flight."""
        rules = jwt.JWTClaimsRegistry(
            now=int(clock.now().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": flight.nonce},
        )
        try:
            claims = self._decoded(id_token)
            rules.validate(claims)
        except (JoseError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise Refusal(AGAIN, f"the id_token is not taken: {error}") from error
        if claims.get("azp", self._settings.client_id) != self._settings.client_id:
            raise Refusal(AGAIN, f"the id_token was made for {claims['azp']}")
        return claims

    def _decoded(self, id_token: str) -> dict[str, Any]:
        """The claims under a signature of the provider; its keys are read anew once where none of them fits."""
        if self._keys is not None:
            try:
                return jwt.decode(id_token, self._keys, algorithms=ALGORITHMS).claims
            except (JoseError, ValueError):
                self._keys = None
        said = calls.get_json(calls.bound(Session()), self._description()["jwks_uri"])
        self._keys = KeySet.import_key_set(said)  # type: ignore[arg-type]
        return jwt.decode(id_token, self._keys, algorithms=ALGORITHMS).claims

    def _about(self, token: str, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """What userinfo adds, where there is one, of the same person; for whom and by whom is not its to say."""
        address = str(self._description().get("userinfo_endpoint") or "")
        if not address:
            return {}
        if not is_safe(address):
            raise Unreachable("the discovery has no safe userinfo_endpoint")
        said = calls.get_json(calls.bound(Session()), address, headers={"Authorization": f"Bearer {token}"})
        if said.get("sub") != claims["sub"]:
            raise Refusal(AGAIN, "userinfo speaks of another person")
        return {name: value for name, value in said.items() if name not in ("iss", "aud", "exp", "iat", "nonce")}
