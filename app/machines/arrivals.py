"""A signed request arrives: which client has signed it, whether it is meant for here and now, and never twice.

The client is named by its key; nothing is told of a key to whoever has not signed with it.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import Table, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from app.core import clock
from app.core.database import db, writing
from app.core.sealing import NotSealed
from app.core.viewer import as_system
from app.machines import keys, signing
from app.people import throttle
from models.grammar.viewer import PREPARE, REGULATOR, SUBMIT, Viewer
from models.machine import ACTIVE, MachineClient
from models.machine_access import MachineKey, MachineRequest
from models.rules import regions

KEY_HEADER, ID_HEADER = "webhook-key-id", "webhook-id"
TIMESTAMP_HEADER, SIGNATURE_HEADER = "webhook-timestamp", "webhook-signature"
MINUTE = 60
INCOMPLETE = "请求签名不完整，需要 webhook-key-id、webhook-id、webhook-timestamp 和 webhook-signature 四个请求头"
LONGEST_HEADER = 1000
log = logging.getLogger(__name__)
_requests: Table = MachineRequest.metadata.tables["machine_request"]


@dataclass(frozen=True)
class Signed:
    """What a signed request consists of; `target` is its path with the query, exactly as it was sent."""

    key_id: str
    message_id: str
    timestamp: str
    signatures: str
    method: str
    target: str
    body: bytes
    address: str


class Unproven(Exception):
    """The request is nobody's: `code` says why in one word, the sentence in full."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Barred(Exception):
    """The request is a client's that may not act now."""

    def __init__(self, code: str, sentence: str, *, request_id: int = 0) -> None:
        super().__init__(sentence)
        self.code, self.request_id = code, request_id


class TooMany(Exception):
    """More was asked in this minute than may be; `seconds` later it may again."""

    def __init__(self, seconds: int, request_id: int = 0) -> None:
        super().__init__("too many requests")
        self.seconds, self.request_id = seconds, request_id


@dataclass(frozen=True)
class Arrival:
    """A request that its client has signed: who is at work, and the row in which it is written down."""

    viewer: Viewer
    request_id: int


def arrive(signed: Signed) -> Arrival:
    """Who has signed the request, which is written down then; Unproven, Barred or TooMany otherwise."""
    moment = clock.now()
    _check_form(signed, moment)
    key, client = _signer(signed)
    client_id, barred, who = client.id, _why_barred(key, client, moment), _viewer(client)
    request_id, count = _write_down(signed, client_id, moment)
    if count > current_app.config["API_REQUESTS_A_MINUTE"]:
        raise TooMany(rest_of_minute(moment), request_id)
    if barred is not None:
        raise Barred(*barred, request_id=request_id)
    return Arrival(who, request_id)


def rest_of_minute(moment: datetime) -> int:
    """The seconds until requests are counted anew."""
    return MINUTE - int(moment.timestamp()) % MINUTE


def answered(request_id: int, status: int) -> None:
    """Note what the request was answered with; its own short transaction."""
    done = update(_requests).where(_requests.c.id == request_id)
    with writing(), db.engine.begin() as connection:
        connection.execute(done.values(status=status))


def _check_form(signed: Signed, moment: datetime) -> None:
    given = (signed.key_id, signed.message_id, signed.timestamp, signed.signatures)
    if not all(each and each.isascii() and len(each) <= LONGEST_HEADER for each in given):
        raise Unproven("signature-incomplete", INCOMPLETE)
    if not signing.is_timely(signed.timestamp, now=moment):
        raise Unproven("signature-stale", "请求签名的时间与系统时间相差超过 5 分钟，请校准时钟后重新签名")
    if not signing.is_bound(signed.message_id, signed.method, signed.target):
        raise Unproven("signature-misdirected", "webhook-id 不是为本次请求的方法和地址生成的，请按接口说明重新签名")


def _signer(signed: Signed) -> tuple[MachineKey, MachineClient]:
    """The key and the client by which it is signed."""
    query = select(MachineKey, MachineClient).join(MachineClient, MachineClient.id == MachineKey.client_id)
    with as_system():
        found = db.session.execute(query.where(MachineKey.id == signed.key_id)).one_or_none()
    if found is None or not _is_signed_with(found[0], signed):
        raise Unproven("signature-invalid", "请求签名无效，请核对密钥编号、密钥和签名内容")
    return found[0], found[1]


def _is_signed_with(key: MachineKey, signed: Signed) -> bool:
    try:
        opened = keys.opened(key)
    except NotSealed:
        log.exception("machine key %s cannot be opened: SECRET_KEY has changed", key.id)
        return False
    return signing.is_signed(
        opened,
        message_id=signed.message_id,
        timestamp=signed.timestamp,
        body=signed.body,
        signatures=signed.signatures,
    )


def _write_down(signed: Signed, client_id: int, moment: datetime) -> tuple[int, int]:
    """The row of the request, and how many the client has made in this minute; Unproven when its id was seen."""
    with writing(), db.engine.begin() as connection:
        request_id = _insert(connection, signed, client_id, moment)
        return request_id, throttle.count(connection, f"machine {client_id}", MINUTE)


def _insert(connection: Connection, signed: Signed, client_id: int, moment: datetime) -> int:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {
        "client_id": client_id,
        "key_id": signed.key_id,
        "message_id": signed.message_id,
        "at": moment,
        "method": signed.method[:10],
        "path": signed.target.partition("?")[0][:200],
        "address": signed.address[:45],
    }
    inserted = dialect.insert(_requests).values(**row).on_conflict_do_nothing().returning(_requests.c.id)
    request_id = connection.execute(inserted).scalar_one_or_none()
    if request_id is None:
        raise Unproven("signature-replayed", "该签名的请求已收到过，请用新的 webhook-id 重新签名")
    return int(request_id)


def _why_barred(key: MachineKey, client: MachineClient, moment: datetime) -> tuple[str, str] | None:
    if client.state != ACTIVE:
        return "client-ended", "该接口客户端已停用，请由本单位管理员重新登记"
    if client.expires_on < moment.date():
        return "client-expired", "该接口客户端已过有效期，请由本单位管理员延长有效期"
    if not keys.is_good(key, moment):
        return "key-ended", "该密钥已失效，请使用更换后的密钥"
    if client.organisation.state != "admitted":
        return "organisation-closed", "该单位未准入或已停用，请联系平台管理员"
    return None


def _viewer(client: MachineClient) -> Viewer:
    """The client at work: it prepares where it may submit, reviews and administers nothing, stands in for nobody."""
    organisation = client.organisation
    return Viewer(
        user_id=client.user_id,
        name=client.name,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        roles=organisation.role_names,
        duties=frozenset({PREPARE}) if SUBMIT in client.grants else frozenset(),
        regions=regions.within(organisation.region_code) if REGULATOR in organisation.role_names else frozenset(),
        machine=client.machine,
    )
