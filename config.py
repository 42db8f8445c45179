"""Settings of one running system, read from its environment variables.

Everything has a working default, so that `make run` needs none. The folders lie beside this file, or below
GUARANTEE_DATA when that is set.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.portal import settings as sign_on
from models.rules import secret_keys

ROOT = Path(__file__).resolve().parent
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
PASSWORD_COST = "scrypt:32768:8:3"
SECOND_FACTOR = ("offered", "required")
SMTP_PORTS = {"starttls": 587, "tls": 465, "none": 25}
POSTGRES_LIMITS = {
    "statement_timeout": "30s",
    "lock_timeout": "20s",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
}


class UnsafeSetting(RuntimeError):
    """A setting that would make the system unsafe: the program refuses to start."""


class Config:
    """The settings of Flask, Flask-AppBuilder and this system; `environment` is os.environ or a dict."""

    VARIABLES = (
        "GUARANTEE_DATA",
        "DATABASE_URL",
        "HOST",
        "PORT",
        "BASE_URL",
        "TRUSTED_HOSTS",
        "PROXY_COUNT",
        "BEHIND_TLS",
        "DEMO",
        "SECOND_FACTOR",
        "SECRET_KEY",
        "LETTER_FONTS",
        "RUN_JOBS",
        "API_REQUESTS_A_MINUTE",
        "SMTP_HOST",
        "SMTP_PORT",
        "SMTP_TLS",
        "SMTP_USER",
        "SMTP_PASSWORD",
        "SMTP_FROM",
        *sign_on.VARIABLES,
        "WEBHOOKS_PRIVATE",
    )

    APP_NAME = "建设领域工程担保及保险综合服务系统"

    FAB_CREATE_DB = False
    FAB_UPDATE_PERMS = False
    FAB_ADD_OPENAPI_VIEWS = False
    FAB_ADD_MENU_API = False
    FAB_PASSWORD_HASH_METHOD = PASSWORD_COST
    AUTH_TYPE = 1
    AUTH_USER_REGISTRATION = False
    AUTH_RATE_LIMITED = False
    RATELIMIT_ENABLED = False

    BABEL_DEFAULT_LOCALE = "zh"
    BABEL_DEFAULT_TIMEZONE = "Asia/Shanghai"
    BABEL_TRANSLATION_DIRECTORIES = str(ROOT / "translations")
    MIGRATIONS_DIR = str(ROOT / "migrations")

    MAX_CONTENT_LENGTH = 120 * 1024 * 1024
    MAX_FORM_MEMORY_SIZE = 2 * 1024 * 1024
    MAX_FORM_PARTS = 4000

    WTF_CSRF_ENABLED = True
    WTF_CSRF_TIME_LIMIT = None
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_PATH = "/"
    SESSION_PROTECTION = None

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """Read the environment, make the data folders, and make or check the secret key."""
        env = os.environ if environment is None else environment
        self.LANGUAGES = {"zh": {"flag": "cn", "name": "中文"}, "en": {"flag": "gb", "name": "English"}}
        self.DEMO = _switch(env, "DEMO", default=True)
        self.RUN_JOBS = _switch(env, "RUN_JOBS", default=True)
        self.WEBHOOKS_PRIVATE = _switch(env, "WEBHOOKS_PRIVATE", default=False)
        self.BEHIND_TLS = _switch(env, "BEHIND_TLS", default=False)
        self.API_REQUESTS_A_MINUTE = int(env.get("API_REQUESTS_A_MINUTE") or 600)
        self.SECOND_FACTOR = _one_of(
            env, "SECOND_FACTOR", SECOND_FACTOR, otherwise="offered" if self.DEMO else "required"
        )
        self._set_folders(Path(env.get("GUARANTEE_DATA") or ROOT).resolve())
        self._set_address(env)
        self._set_database(env)
        self._set_cookies()
        self._set_mail(env)
        self.SIGN_ON = sign_on.read(env, port=self.PORT, base_url=self.BASE_URL, demo=self.DEMO)
        self.LETTER_FONTS = _font_folder(env)
        self.SECRET_KEY = _secret_key(env, self.VAR_DIR, demo=self.DEMO)

    def _set_folders(self, data: Path) -> None:
        self.VAR_DIR = data / "var"
        self.KEYS_DIR = self.VAR_DIR / "keys"
        self.LOG_DIR = self.VAR_DIR / "log"
        self.UPLOAD_FOLDER = str(data / "uploads")
        for folder in (self.VAR_DIR, self.KEYS_DIR, self.LOG_DIR):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        Path(self.UPLOAD_FOLDER).mkdir(parents=True, exist_ok=True)

    def _set_address(self, env: Mapping[str, str]) -> None:
        self.HOST = env.get("HOST") or "127.0.0.1"
        self.PORT = int(env.get("PORT") or 8080)
        self.BASE_URL = (env.get("BASE_URL") or f"http://{self.HOST}:{self.PORT}").rstrip("/")
        self.PROXY_COUNT = int(env.get("PROXY_COUNT") or 0)
        named = [host.strip() for host in env.get("TRUSTED_HOSTS", "").split(",") if host.strip()]
        own = urlsplit(self.BASE_URL)
        self.TRUSTED_HOSTS = sorted({*LOOPBACK_HOSTS, own.hostname or self.HOST, *named})
        self.FAB_SAFE_REDIRECT_HOSTS = [own.netloc]

    def _set_database(self, env: Mapping[str, str]) -> None:
        self.SQLALCHEMY_DATABASE_URI = env.get("DATABASE_URL") or f"sqlite:///{self.VAR_DIR / 'guarantee.db'}"
        self.SQLALCHEMY_ENGINE_OPTIONS = engine_options(self.SQLALCHEMY_DATABASE_URI)

    def _set_mail(self, env: Mapping[str, str]) -> None:
        """The server that takes mails; without SMTP_HOST none are sent."""
        self.SMTP_HOST = env.get("SMTP_HOST", "").strip()
        self.SMTP_TLS = env.get("SMTP_TLS", "").strip().lower() or "starttls"
        if self.SMTP_TLS not in SMTP_PORTS:
            raise ValueError(f"SMTP_TLS is {self.SMTP_TLS!r}: use one of {', '.join(SMTP_PORTS)}")
        self.SMTP_PORT = int(env.get("SMTP_PORT") or SMTP_PORTS[self.SMTP_TLS])
        self.SMTP_USER = env.get("SMTP_USER", "")
        self.SMTP_PASSWORD = env.get("SMTP_PASSWORD", "")
        self.SMTP_FROM = env.get("SMTP_FROM", "").strip() or f"no-reply@{urlsplit(self.BASE_URL).hostname}"

    def _set_cookies(self) -> None:
        self.SESSION_COOKIE_SECURE = self.BEHIND_TLS
        self.SESSION_COOKIE_NAME = "__Host-session" if self.BEHIND_TLS else "session"
        self.PREFERRED_URL_SCHEME = "https" if self.BEHIND_TLS else "http"


def engine_options(database_url: str) -> dict[str, Any]:
    """The pool and time limits for this kind of database; a statement on PostgreSQL may take 30 s."""
    if database_url.startswith("sqlite"):
        return {"connect_args": {"timeout": 20, "check_same_thread": False}}
    limits = " ".join(f"-c {name}={value}" for name, value in POSTGRES_LIMITS.items())
    return {
        "pool_pre_ping": True,
        "pool_size": 8,
        "max_overflow": 8,
        "pool_timeout": 10,
        "pool_recycle": 1800,
        "connect_args": {"options": limits, "connect_timeout": 5, "application_name": "guarantee"},
    }


def _switch(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = env.get(name, "").strip().lower()
    return default if not value else value in {"1", "true", "yes", "on"}


def _one_of(env: Mapping[str, str], name: str, choices: tuple[str, ...], *, otherwise: str) -> str:
    value = env.get(name, "").strip().lower() or otherwise
    if value not in choices:
        raise ValueError(f"{name} is {value!r}: use one of {', '.join(choices)}")
    return value


def _font_folder(env: Mapping[str, str]) -> str:
    """The folder of further fonts for letters, in full; empty when none is named."""
    given = env.get("LETTER_FONTS", "").strip()
    if given and not Path(given).is_dir():
        raise NotADirectoryError(f"LETTER_FONTS names no folder: {given}")
    return str(Path(given).resolve()) if given else ""


def _secret_key(env: Mapping[str, str], folder: Path, *, demo: bool) -> str:
    given = env.get("SECRET_KEY", "")
    if not given:
        return _kept_key(folder / "secret_key")
    if demo:
        return given
    if secret_keys.is_weak(given):
        raise UnsafeSetting(
            f"SECRET_KEY is shorter than {secret_keys.SHORTEST} characters or easy to guess (repeats, sequences, "
            "keyboard rows); leave it unset to have one made and kept in the data folder"
        )
    return given


def _kept_key(path: Path) -> str:
    """The key in this file, made at the first start; two processes starting at once agree on one."""
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            return _kept_key(path)
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii").strip()
