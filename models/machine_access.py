"""What machine clients sign with, and what they asked for."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.appbuilder import Model
from models.grammar.columns import Instant

HMAC = "hmac"
ED25519 = "ed25519"
KIND_LABELS = {HMAC: "共享密钥（HMAC-SHA256）", ED25519: "客户端公钥（Ed25519）"}


class MachineKey(Model):
    """One key of a machine client; of two, the earlier is good until `ends_at`.

    `key` is the sealed secret of an HMAC key, or the public key that its client has given.
    """

    __tablename__ = "machine_key"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("machine_client.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    key: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)


class MachineRequest(Model):
    """One request that a client has signed: its id is taken once, `status` is the answer, None while there is none."""

    __tablename__ = "machine_request"
    __table_args__ = (
        UniqueConstraint("client_id", "message_id"),
        Index("ix_machine_request_at", "at"),
        Index("ix_machine_request_client", "client_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("machine_client.id"))
    key_id: Mapped[str] = mapped_column(String(24))
    message_id: Mapped[str] = mapped_column(String(140))
    at: Mapped[datetime] = mapped_column(Instant)
    method: Mapped[str] = mapped_column(String(10))
    path: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(45))
    status: Mapped[int | None]


class StoredAnswer(Model):
    """The answer to a request that was sent with an `Idempotency-Key`, for whoever sends it again.

    `holder` is the client or the account; `request_hash` the sha256 of what was asked.
    """

    __tablename__ = "stored_answer"
    __table_args__ = (UniqueConstraint("holder", "key"), Index("ix_stored_answer_at", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(String(24))
    key: Mapped[str] = mapped_column(String(128))
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
