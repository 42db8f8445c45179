"""What a guarantee mode says of its screens: one declaration in the mode's own file feeds list, form and detail."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.grammar.faults import Declared
from models.grammar.fields import Look

Part = tuple[str, tuple[str, ...]]
Alias = tuple[str, str]

PROJECT_PART: Part = ("工程信息", ("contract_id", "permit_no", "region_code", "address", "start_on", "finish_on"))
EMPLOYER_PART: Part = (
    "建设单位信息",
    ("employer_name", "employer_uscc", "employer_grade", "employer_contact", "employer_phone"),
)
CONTRACTOR_PART: Part = (
    "施工单位信息",
    ("contractor_name", "contractor_uscc", "contractor_grade", "contractor_contact", "contractor_phone"),
)
FROM_CONTRACT = frozenset(
    {
        "region_code",
        "employer_name",
        "employer_uscc",
        "contractor_name",
        "contractor_uscc",
        "contract_type",
        "contract_no",
        "contract_price",
        "agreed",
        "share",
    }
)


@dataclass(frozen=True)
class Screen(Declared):
    """The screens of one mode.

    `tab` is its word on the tabs, `choice` and `note` stand in the dialog 请选择支付款担保的模式, `path` is its
    address. Names are columns, or keys of `aliases`: (label, column), where a screen has its own word for one, or of
    `column_labels`, where its view computes one; `column_looks` say how those stand.
    """

    tab: str
    choice: str
    path: str
    add_title: str
    show_kind: str
    list_columns: tuple[str, ...]
    search_columns: tuple[str, ...]
    form_parts: tuple[Part, ...]
    show_parts: tuple[Part, ...]
    figures: tuple[str, ...] = ("amount", "contract_price")
    number: tuple[str, ...] = ("application_no",)
    sortable: tuple[str, ...] = ("amount", "due_on")
    readonly: frozenset[str] = FROM_CONTRACT
    aliases: Mapping[str, Alias] = field(default_factory=dict)
    column_labels: Mapping[str, str] = field(default_factory=dict)
    column_looks: Mapping[str, Look] = field(default_factory=dict)
    note: str = ""
    order: int = 100
    submit_with: str = "submit"
