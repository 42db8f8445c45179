"""支付计划 from a workbook: a line is a node, the lines of one contract make the draft of its first plan."""

from sqlalchemy import select

from app.imports.rows import Importer, Reference
from models.contract import Contract
from models.plans.node import TYPED
from models.plans.plan import PaymentPlan
from models.project import Project
from models.rules import contract_numbers
from models.rules.plans import ADVANCE, FINAL, LABOUR
from views.guarantees import own_contracts

PROJECT_OF_UNNUMBERED = (
    select(Project.name)
    .where(Project.id == Contract.project_id, Contract.contract_no == contract_numbers.NONE)
    .correlate(Contract)
    .scalar_subquery()
)
IMPORTER = Importer(
    PaymentPlan,
    columns=("contract_id", *TYPED),
    key="contract_id",
    rows="nodes",
    references={
        "contract_id": Reference(
            "合同编号",
            Contract,
            ("contract_no",),
            where=own_contracts,
            otherwise=PROJECT_OF_UNNUMBERED,
            help="本单位已登记合同的编号；合同编号为“无”的，填写工程名称",
        )
    },
    example={
        "contract_id": "示例合同-2024-001",
        "kind": ADVANCE,
        "planned_on": "2024-06-01",
        "amount": "1613",
        "condition": "示例：合同签订且具备开工条件",
    },
    more_examples=(
        {
            "kind": LABOUR,
            "planned_on": "2024-06-30",
            "amount": "120.5",
            "condition": "示例：按月拨付人工费用",
        },
        {
            "kind": FINAL,
            "planned_on": "2026-08-29",
            "amount": "",
            "share": "17",
            "condition": "示例：竣工验收合格并完成结算",
            "labour": "200",
        },
    ),
)
