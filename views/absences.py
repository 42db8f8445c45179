"""代办设置: who is absent, and who stands in; everybody for oneself, the administrator for all of the company."""

from collections.abc import Mapping
from typing import Any, ClassVar

from app.core.clock import today
from app.core.viewer import viewer
from app.core.words import _
from app.people import absences
from app.web.pages import Notice
from models.absence import Absence
from models.grammar.base import Record
from models.grammar.columns import Choices
from models.grammar.viewer import ADMINISTER, GUARANTOR
from models.grammar.workflow import roles
from views.frame.base import RecordView

KEEPERS = roles(GUARANTOR)
SHOWN = ("absent_name", "substitute_name", "from_on", "to_on", "reason")


class AbsenceView(RecordView):
    """One absence a row."""

    model = Absence
    route_base = "/absences"
    menu_label = "代办设置"
    menu_category = "单位与账号"
    menu_icon = "fa-people-arrows"
    menu_roles = KEEPERS
    list_title = "代办设置"
    empty_text = "暂无代办设置"
    add_title = "新增代办设置"
    add_label = "新增代办设置"
    show_kind = "代办设置"
    opens: ClassVar = {"list": KEEPERS, "show": KEEPERS, "export": KEEPERS, "do": KEEPERS, "add": KEEPERS}
    exclude_route_methods: ClassVar = {"edit", "delete", "explanation", "pick", "file", "bulk", "urge"}
    main_column = "absent_name"
    list_columns = (*SHOWN[:4], "state", "reason")
    search_boxes = ("absent_name", "substitute_name", "from_on", "to_on")
    figures = ("substitute_name", "from_on", "to_on")
    form_parts: ClassVar = (("代办设置", ("absent", "substitute", "from_on", "to_on", "reason")),)
    show_parts: ClassVar = (("代办设置", SHOWN),)
    events_title = "办理记录"

    def start_values(self) -> Mapping[str, Any]:
        """One's own, from today on."""
        own = absences.absentees(viewer()) if ADMINISTER not in viewer().duties else ()
        return {"from_on": today(), **({"absent": own[0][0]} if own else {})}

    def choices(self, name: str) -> Choices | None:
        """The colleagues."""
        listed = {"absent": absences.absentees, "substitute": absences.substitutes}
        return listed[name](viewer()) if name in listed else super().choices(name)

    def form_notices(self, record: Record | None) -> tuple[Notice, ...]:
        """What it gives, and what it does not."""
        text = _(
            "代办期间，代办人可办理外出人员岗位的业务，办理记录写明“某某 代 某某”；"
            "同一业务的经办与复核仍须为两个人，代办不能转委托"
        )
        return (Notice(text, "info"),)

    def offers(self, record: Record, name: str) -> bool:
        """Whose it is not, and who does not keep it, is not offered to take it back; nor what is over."""
        assert isinstance(record, Absence)
        return record.is_kept_by(viewer()) and record.to_on > today()
