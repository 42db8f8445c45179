"""A sound mode that uses every declaration; the seeded mistakes each change one of its words."""

SOUND = """\
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.attachment import Category
from models.grammar.columns import Yuan, field
from models.grammar.rows import Row, Total, rows
from models.grammar.screen import EMPLOYER_PART, PROJECT_PART, Screen
from models.grammar.viewer import CONTRACTOR, EMPLOYER, PREPARE, PUBLIC, REGULATOR
from models.grammar.workflow import Clock, State, Step, Transition, Workflow, roles
from models.guarantee import Guarantee

class Item(Row):
    __tablename__ = "pledge_item"
    parent = ("Pledge", "pledge_id")
    attachments: ClassVar[tuple[Category, ...]] = (Category("receipt", "质押物收据"),)

    pledge_id: Mapped[int] = mapped_column(ForeignKey("guarantee.id"))
    thing: Mapped[str | None] = field(String(80), "质押物", required=True)
    worth: Mapped[Decimal | None] = field(Yuan, "估值", unit="万元")


FILING = Clock("filing", "备案", "submitted_at", "underwriting_working_days", working=True)
PLEDGE = Workflow(
    "pledge",
    states=(
        State("draft", "草稿", "gray", editable_by=roles(EMPLOYER), waits_for=roles(EMPLOYER)),
        State("submitted", "待备案", "blue", waits_for=roles(REGULATOR), duty=PREPARE),
        State("filed", "已备案", "green"),
        State("ended", "已终止", "gray"),
    ),
    transitions=(
        Transition(
            "submit",
            "提交",
            roles("draft"),
            "submitted",
            by=roles(EMPLOYER),
            attach=("agreement",),
            optional=("agreement",),
            unless="agreed",
            tone="primary",
        ),
        Transition(
            "file",
            "备案",
            roles("submitted"),
            "filed",
            by=roles(REGULATOR),
            asks=("keeper", "reason"),
            duty=PREPARE,
            not_by="created_by_id",
            event_tone="green",
        ),
        Transition("end", "终止", roles("filed"), "ended", by=roles(PUBLIC)),
    ),
    parties={EMPLOYER: "employer_id", CONTRACTOR: "contractor_id"},
    steps=(
        Step("提交申请", ("draft",)),
        Step("主管部门备案", ("submitted",), refused_in=("ended",), only_if="is_kept"),
    ),
)


class Pledge(Guarantee):
    __tablename__ = "pledge"
    __table_args__: Any = ()
    noun = "质押担保"
    workflow = PLEDGE
    screen = Screen(
        tab="质押",
        choice="质押模式",
        path="pledges",
        add_title="新增质押担保业务",
        show_kind="质押担保",
        list_columns=("application_no", "owner", "keeper", "amount", "balance_note", "state"),
        search_columns=("project_name", "keeper"),
        form_parts=(PROJECT_PART, EMPLOYER_PART, ("担保信息", ("keeper", "amount")), ("质押物", ("items",))),
        show_parts=(PROJECT_PART, ("担保信息", ("keeper", "amount", "share"))),
        number=("application_no",),
        sortable=("amount",),
        aliases={"owner": ("出质人", "employer_name")},
        column_labels={"balance_note": "余额"},
    )
    contractor_sees = ("submitted", "filed")
    clocks = {"submitted": FILING}
    sealed: ClassVar[tuple[str, ...]] = (*Guarantee.sealed, "keeper_code")
    also_required = ("address",)
    own_labels = {"amount": "质押金额"}
    own_helps = {"permit_no": "以施工许可证为准"}
    attachments: ClassVar[tuple[Category, ...]] = (
        Category("agreement", "质押协议"),
        Category("other", "其他材料"),
    )

    id: Mapped[int] = mapped_column(ForeignKey("guarantee.id"), primary_key=True)
    keeper: Mapped[str | None] = field(String(80), "保管单位", required=True)
    keeper_code: Mapped[str | None] = mapped_column(String(20))
    items: Mapped[list[Item]] = rows(
        Item,
        "质押物清单",
        noun="质押物",
        columns=("thing", "worth"),
        heading=("thing",),
        total=Total("worth", target="质押金额"),
        most=50,
    )

    @property
    def is_kept(self) -> bool:
        return self.keeper is not None
"""

KEPT_NOWHERE = """\
from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.base import Record
from models.grammar.columns import Instant, field
from models.grammar.viewer import REGULATOR
from models.grammar.workflow import Clock, State, Transition, Workflow, roles

COMPLAINT = Workflow(
    "complaint",
    states=(State("made", "待处理", waits_for=roles(REGULATOR)), State("answered", "已答复", "green")),
    transitions=(Transition("answer", "答复", roles("made"), "answered", by=roles(REGULATOR)),),
)


class Complaint(Record):
    __tablename__ = "pledge"
    workflow = COMPLAINT
    clocks = {"made": Clock("answer", "答复", "made_at", "confirm_days")}

    state: Mapped[str] = mapped_column(String(20), default="made")
    made_at: Mapped[datetime | None] = field(Instant, "提出时间")
"""
"""A record that is no guarantee and has a clock, with no column for the day that it reckons."""
