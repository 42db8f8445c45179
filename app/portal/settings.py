"""The settings of sign-on, read from SIGN_ON and SIGN_ON_*; what is missing or unsafe stops the start with a remedy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

OIDC, TICKET, DEMO = "oidc", "ticket", "demo"
DIALECTS = (OIDC, TICKET)
LABEL = "政务服务网统一身份认证登录"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
CLIENT_AUTHENTICATIONS = ("client_secret_basic", "client_secret_post")
DEMO_CLIENT, DEMO_SECRET = "guarantee", "the-demo-portal-knows-this-secret"
FIELDS = {
    OIDC: {
        "subject": "sub",
        "name": "name",
        "level": "acr",
        "legal_persons": "legal_persons",
        "uscc": "uscc",
        "company": "name",
        "role": "role",
    },
    TICKET: {
        "token": "data.token",
        "subject": "data.userId",
        "name": "data.userName",
        "level": "data.authLevel",
        "legal_persons": "data.corps",
        "uscc": "uscc",
        "company": "corpName",
        "role": "corpRole",
    },
}
PARAMETERS = {
    OIDC: {"role": "role"},
    TICKET: {
        "client": "appid",
        "secret": "secret",
        "redirect": "redirect",
        "ticket": "ticket",
        "token": "token",
        "role": "role",
    },
}
VARIABLES = (
    "SIGN_ON",
    "SIGN_ON_DIALECT",
    "SIGN_ON_LABEL",
    "SIGN_ON_CLIENT_ID",
    "SIGN_ON_CLIENT_SECRET",
    "SIGN_ON_CLIENT_AUTHENTICATION",
    "SIGN_ON_ISSUER",
    "SIGN_ON_SCOPES",
    "SIGN_ON_PAGE",
    "SIGN_ON_TOKEN",
    "SIGN_ON_PERSON",
    "SIGN_ON_SUCCESS",
    "SIGN_ON_SIGN_OUT",
    "SIGN_ON_FIELDS",
    "SIGN_ON_PARAMETERS",
    "SIGN_ON_ROLES",
)


@dataclass(frozen=True)
class Settings:
    """How the portal is spoken to; without a dialect sign-on is off."""

    dialect: str = ""
    is_demo: bool = False
    label: str = LABEL
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    client_authentication: str = CLIENT_AUTHENTICATIONS[0]
    issuer: str = ""
    scopes: str = "openid profile"
    page: str = ""
    token: str = ""
    person: str = ""
    success: tuple[str, str] = ("code", "200")
    sign_out: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_on(self) -> bool:
        """Whether people may come through the portal."""
        return bool(self.dialect)

    @property
    def person_issuer(self) -> str:
        """By whom persons are known: the demo's stay the same on whichever port its portal answers."""
        return DEMO if self.is_demo else self.issuer or origin(self.page)

    @property
    def origins(self) -> tuple[str, ...]:
        """Where a form of ours may lead in the end: the sign-out goes on to the portal."""
        named = (self.issuer, self.page, self.sign_out)
        return tuple(sorted({origin(address) for address in named if address}))


def origin(address: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def is_safe(address: str) -> bool:
    """Whether nobody on the way can read or change what is sent there: TLS, or this very machine."""
    parts = urlsplit(address)
    loopback = parts.scheme == "http" and parts.hostname in LOOPBACK
    return bool(parts.hostname) and (parts.scheme == "https" or loopback) and "@" not in parts.netloc


def demo_address(port: int) -> str:
    """Where the demo's own portal answers, beside a server on that port."""
    return f"http://127.0.0.1:{port + 1}"


def read(environment: Mapping[str, str], *, port: int, base_url: str, demo: bool) -> Settings:
    """The settings of this environment; ValueError says which is missing or unsafe, and what to do."""
    env = {name: environment.get(name, "").strip() for name in VARIABLES}
    kind = env["SIGN_ON"].lower()
    if not kind:
        return Settings()
    if kind not in (*DIALECTS, DEMO):
        raise ValueError(f"SIGN_ON is {kind!r}: use {', '.join((*DIALECTS, DEMO))}, or leave it unset")
    if kind == DEMO:
        return _demo(env, demo_address(port), demo=demo)
    if not is_safe(base_url):
        raise ValueError(f"BASE_URL is {base_url}: people come back there from the portal, which needs https")
    common = _common(env, kind)
    return Settings(**common, **(_oidc(env) if kind == OIDC else _ticket(env)))


def _demo(env: Mapping[str, str], portal: str, *, demo: bool) -> Settings:
    if not demo:
        raise ValueError("SIGN_ON=demo is for DEMO=1 alone: name a real portal with SIGN_ON=oidc or SIGN_ON=ticket")
    dialect = env["SIGN_ON_DIALECT"].lower() or OIDC
    if dialect not in DIALECTS:
        raise ValueError(f"SIGN_ON_DIALECT is {dialect!r}: use one of {', '.join(DIALECTS)}")
    return Settings(
        dialect=dialect,
        is_demo=True,
        client_id=DEMO_CLIENT,
        client_secret=DEMO_SECRET,
        issuer=portal if dialect == OIDC else "",
        page=f"{portal}/ticket/sign-in",
        token=f"{portal}/ticket/token",
        person=f"{portal}/ticket/person",
        sign_out=f"{portal}/sign-out",
        fields=FIELDS[dialect],
        parameters=PARAMETERS[dialect],
    )


def _common(env: Mapping[str, str], kind: str) -> dict[str, Any]:
    return {
        "dialect": kind,
        "label": env["SIGN_ON_LABEL"] or LABEL,
        "client_id": _needed(env, "SIGN_ON_CLIENT_ID", kind),
        "client_secret": _needed(env, "SIGN_ON_CLIENT_SECRET", kind),
        "sign_out": _safe("SIGN_ON_SIGN_OUT", env["SIGN_ON_SIGN_OUT"]),
        "fields": _pairs(env, "SIGN_ON_FIELDS", FIELDS[kind]),
        "parameters": _pairs(env, "SIGN_ON_PARAMETERS", PARAMETERS[kind]),
        "roles": _pairs(env, "SIGN_ON_ROLES", None),
    }


def _oidc(env: Mapping[str, str]) -> dict[str, Any]:
    how = env["SIGN_ON_CLIENT_AUTHENTICATION"] or CLIENT_AUTHENTICATIONS[0]
    if how not in CLIENT_AUTHENTICATIONS:
        raise ValueError(f"SIGN_ON_CLIENT_AUTHENTICATION is {how!r}: use one of {', '.join(CLIENT_AUTHENTICATIONS)}")
    scopes = env["SIGN_ON_SCOPES"] or "openid profile"
    if "openid" not in scopes.split():
        raise ValueError(f"SIGN_ON_SCOPES is {scopes!r}: without openid the portal does not say who came")
    issuer = _safe("SIGN_ON_ISSUER", _needed(env, "SIGN_ON_ISSUER", OIDC))
    return {"client_authentication": how, "scopes": scopes, "issuer": issuer}


def _ticket(env: Mapping[str, str]) -> dict[str, Any]:
    names = ("SIGN_ON_PAGE", "SIGN_ON_TOKEN", "SIGN_ON_PERSON")
    page, token, person = (_safe(name, _needed(env, name, TICKET)) for name in names)
    key, _equals, value = (env["SIGN_ON_SUCCESS"] or "code=200").partition("=")
    return {"page": page, "token": token, "person": person, "success": (key.strip(), value.strip())}


def _needed(env: Mapping[str, str], name: str, kind: str) -> str:
    if not env[name]:
        raise ValueError(f"SIGN_ON={kind} needs {name}: ask whoever runs the portal for it (docs/sign-on.md)")
    return env[name]


def _safe(name: str, address: str) -> str:
    if address and not is_safe(address):
        raise ValueError(f"{name} is {address}: use https (http is for 127.0.0.1 alone)")
    return address


def _pairs(env: Mapping[str, str], name: str, known: Mapping[str, str] | None) -> dict[str, str]:
    """`ours=theirs, …` over what holds where nothing is said; any word is taken where nothing is known."""
    found = dict(known or {})
    for part in filter(None, (each.strip() for each in env[name].split(","))):
        key, equals, value = (each.strip() for each in part.partition("="))
        if not (key and equals and value) or (known is not None and key not in known):
            allowed = f" with one of {', '.join(known)}" if known is not None else ""
            raise ValueError(
                f"{name} has {part!r}: write name=value, parted by commas,{allowed or ' as in 1=employer'}"
            )
        found[key] = value
    return found
