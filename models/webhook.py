"""事件推送: an address of an organisation's own system that hears of its records, and what was sent there."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models import event_types
from models.grammar.appbuilder import Model
from models.grammar.base import Record
from models.grammar.columns import INSTANT, LONG_TEXT, Instant, field
from models.grammar.viewer import ADMINISTER, COMPANY_ROLES, PUBLIC, REGULATOR, Viewer
from models.grammar.workflow import Inputs, Moment, State, Transition, Workflow, roles
from models.rules import public_addresses
from models.rules.problem import Problem

KEEPERS = COMPANY_ROLES | {REGULATOR}
ACTIVE, OFF, ENDED = "active", "off", "ended"
MOST_OF_ONE = 10
"""How many addresses one organisation may have that are not ended."""

WAITS = text("delivered_at IS NULL AND given_up_at IS NULL")
"""The deliveries that are still to be made: their index holds only these."""

OF_RECORD = ("endpoint_id", "record_type", "record_id", "id")


def _begin_again(endpoint: "WebhookEndpoint", inputs: Inputs, at: Moment) -> None:
    """What failed before is forgotten: what waits is sent from now on."""
    endpoint.failing_since, endpoint.rests_until, endpoint.failure_count = None, None, 0


WEBHOOK_ENDPOINT = Workflow(
    "webhook_endpoint",
    states=(
        State(ACTIVE, "启用", "green", editable_by=KEEPERS),
        State(OFF, "已停用（多次失败）", "red", editable_by=KEEPERS, waits_for=KEEPERS, duty=ADMINISTER),
        State(ENDED, "已终止", "gray"),
    ),
    transitions=(
        Transition("switch_off", "停用（多次失败）", roles(ACTIVE), OFF, by=roles(PUBLIC), event_tone="gray"),
        Transition("close", "接收方已停止接收", roles(ACTIVE), ENDED, by=roles(PUBLIC), event_tone="red"),
        Transition(
            "resume",
            "恢复推送",
            roles(OFF),
            ACTIVE,
            by=KEEPERS,
            duty=ADMINISTER,
            effect=_begin_again,
            tone="primary",
            confirm="恢复后将依次推送停用期间的事件，确定恢复吗？",
            event_tone="green",
        ),
        Transition(
            "end",
            "终止",
            roles(ACTIVE, OFF),
            ENDED,
            by=KEEPERS,
            duty=ADMINISTER,
            tone="danger",
            confirm="终止后不再推送任何事件，且不能恢复，确定终止吗？",
            event_tone="gray",
        ),
    ),
    parties=dict.fromkeys(sorted(KEEPERS), "organisation_id"),
)


class WebhookEndpoint(Record):
    """One address; its organisation's administrators look after it.

    It has taken nothing since `failing_since`, `failure_count` times on end, and is left alone until `rests_until`.
    Whoever sends to it holds it until `held_until`, so that no two do at once. Senders move these past the history.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (Index("ix_webhook_endpoint_organisation", "organisation_id", "id"),)
    noun = "事件推送"
    workflow = WEBHOOK_ENDPOINT
    complete_at_save = True
    sealed: ClassVar[tuple[str, ...]] = ("failing_since", "failure_count", "rests_until", "held_until", "holder")

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = field(String(40), "名称", required=True, nullable=False)
    address: Mapped[str] = field(
        String(public_addresses.LONGEST),
        "接收地址",
        required=True,
        nullable=False,
        wide=True,
        checks=(public_addresses.check,),
        help="本单位系统接收事件的地址，应以 https:// 开头",
    )
    chosen_types: Mapped[str] = field(
        Text,
        "推送的事件",
        kind=LONG_TEXT,
        required=True,
        nullable=False,
        normalise=event_types.normalise,
        checks=(event_types.check,),
        help="每行一个事件类型，如 letter.issue；账户变动为 escrow.book、presale.book；letter.* 代表一类，* 代表全部",
    )
    state: Mapped[str] = mapped_column(String(20), default=WEBHOOK_ENDPOINT.initial)
    failing_since: Mapped[datetime | None] = field(Instant, "连续失败起始时间", kind=INSTANT)
    failure_count: Mapped[int] = mapped_column(default=0)
    rests_until: Mapped[datetime | None] = mapped_column(Instant)
    held_until: Mapped[datetime | None] = mapped_column(Instant)
    holder: Mapped[str] = mapped_column(String(32), default="")

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The administrators of its organisation, nobody else: not the platform's, and no machine."""
        if not viewer.is_company_admin or not viewer.has(*KEEPERS):
            return super().scope(viewer)
        return cls.organisation_id == viewer.organisation_id

    def derive(self, at: Moment) -> None:
        """It is the organisation's whose administrator entered it."""
        if not self.id:
            self.organisation_id = at.viewer.organisation_id or 0

    def problems(self, at: Moment) -> list[Problem]:
        """Of an organisation that has records, and no second one to the same address: every event would come twice."""
        if not at.viewer.has(*KEEPERS):
            return [Problem("平台管理单位没有可推送的业务，请由业务单位的管理员设置")]
        found = at.rows.find_all("WebhookEndpoint", organisation_id=self.organisation_id, address=self.address)
        if any(each.id != self.id and each.state != ENDED for each in found):
            return [Problem("本单位已有推送到该地址的设置，请修改原设置", "address")]
        held = at.rows.find_all("WebhookEndpoint", organisation_id=self.organisation_id)
        if not self.id and sum(each.state != ENDED for each in held) >= MOST_OF_ONE:
            message = "本单位已有 %(most)s 个事件推送，不能再增加；请先终止不再使用的"
            return [Problem(message, params={"most": MOST_OF_ONE})]
        return []

    def editable(self, viewer: Viewer) -> bool:
        """Only by an administrator of its organisation, until it is ended."""
        return ADMINISTER in viewer.duties and super().editable(viewer)

    def deletable(self, viewer: Viewer) -> bool:
        """Never: what was sent there names it."""
        return False

    @property
    def title(self) -> str:
        """What its organisation calls it."""
        return self.name

    @property
    def patterns(self) -> tuple[str, ...]:
        """The types that it is told of."""
        return event_types.chosen(self.chosen_types)


class WebhookSecret(Model):
    """A secret that signs what is sent to an endpoint, sealed; a replaced one signs beside it until `ends_at`."""

    __tablename__ = "webhook_secret"
    __table_args__ = (Index("ix_webhook_secret_endpoint", "endpoint_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoint.id"))
    sealed: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)


class WebhookDelivery(Model):
    """One event for one endpoint, with the very bytes that are sent, and what was answered last.

    `message_id` is its own before it is first sent, so that whatever comes twice can be told. It waits for `next_at`
    until it is `delivered_at` or `given_up_at`. `event_id` names the row of the outbox; a test has none.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        Index("ix_webhook_delivery_waiting", "endpoint_id", "id", postgresql_where=WAITS, sqlite_where=WAITS),
        Index("ix_webhook_delivery_record", *OF_RECORD, postgresql_where=WAITS, sqlite_where=WAITS),
        Index("ix_webhook_delivery_made_at", "made_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoint.id"))
    event_id: Mapped[int | None]
    message_id: Mapped[str] = mapped_column(String(40), unique=True)
    type: Mapped[str] = mapped_column(String(81))
    record_type: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)
    next_at: Mapped[datetime] = mapped_column(Instant)
    attempt_count: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None] = mapped_column(Instant)
    answer_status: Mapped[int | None]
    answer_text: Mapped[str] = mapped_column(String(500), default="")
    took_milliseconds: Mapped[int | None]
    fault: Mapped[str] = mapped_column(String(20), default="")
    delivered_at: Mapped[datetime | None] = mapped_column(Instant)
    given_up_at: Mapped[datetime | None] = mapped_column(Instant)
