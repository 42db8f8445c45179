"""保留金担保: a fifth mode, as long as a mode has to be."""

from datetime import date

from sqlalchemy import ColumnElement, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.columns import field
from models.grammar.screen import EMPLOYER_PART, PROJECT_PART, Screen
from models.grammar.viewer import EMPLOYER, REGULATOR
from models.grammar.workflow import State, Transition, Workflow, roles
from models.guarantee import Guarantee
from tests.modes.fifth.term import TERM


class Retention(Guarantee):
    __tablename__ = "retention"
    __table_args__ = ()
    noun = "保留金担保"
    workflow = Workflow(
        "retention",
        states=(
            State("draft", "草稿", editable_by=roles(EMPLOYER)),
            State("submitted", "待备案", "blue"),
            State("filed", "已备案", "green"),
        ),
        transitions=(
            Transition("submit", "提交", roles("draft"), "submitted", by=roles(EMPLOYER), checks_record=True),
            Transition("file", "备案", roles("submitted"), "filed", by=roles(REGULATOR)),
        ),
        parties={EMPLOYER: "employer_id"},
    )
    screen = Screen(
        tab="保留金",
        choice="保留金模式",
        path="retentions",
        add_title="新增保留金担保业务",
        show_kind="保留金担保",
        list_columns=("application_no", "project_name", "keeper", "amount", "term", "state"),
        search_columns=("project_name", "keeper", "term"),
        form_parts=(PROJECT_PART, EMPLOYER_PART, ("担保信息", ("keeper", "amount", "term"))),
        show_parts=(PROJECT_PART, ("担保信息", ("keeper", "amount", "share", "term"))),
    )
    id: Mapped[int] = mapped_column(ForeignKey("guarantee.id"), primary_key=True)
    keeper: Mapped[str | None] = field(String(80), "保管单位", required=True)
    term: Mapped[int | None] = field(Integer, "保管期限", kind=TERM)

    @classmethod
    def covering(cls, today: date) -> ColumnElement[bool]:
        return cls.state == "filed"
