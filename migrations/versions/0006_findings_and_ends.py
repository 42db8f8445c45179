"""contracts without a number, fiscal records that end, findings, sources"""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAMES = ("record_type", "record_id", "code", "params", "field", "found_by", "since_at")
NUMBERED = sa.text("contract_no <> '无'")
SOURCES = {
    "flat_share": (
        "最低担保比例 | 《建设领域工程担保及保险综合服务系统操作手册-工程企业》 |  | 2.2.1 业务说明（三）"
        " | 资金共管账户内资金应在资金共管协议中明确,原则上不低于本办法规定的最低担保金额要求。"
    ),
    "first_share": (
        "第一档比例 | 《建设领域工程担保及保险综合服务系统操作手册-工程企业》 |  | 2.2.1 业务说明（三） |"
        " 采用超额累进方式计算,合同价款1000万元以下的,担保金额不得低于合同价款的10%"
    ),
    "first_up_to": (
        "第一档上限 | 《建设领域工程担保及保险综合服务系统操作手册-工程企业》 |  | 2.2.1 业务说明（三） |"
        " 采用超额累进方式计算,合同价款1000万元以下的,担保金额不得低于合同价款的10%"
    ),
    "second_share": (
        "第二档比例 | 《建设领域工程担保及保险综合服务系统操作手册-工程企业》 |  | 2.2.1 业务说明（三） |"
        " 合同价款1000万元以上1亿元以下的,超出1000万元部分,不得低于5%"
    ),
    "second_up_to": (
        "第二档上限 | 《建设领域工程担保及保险综合服务系统操作手册-工程企业》 |  | 2.2.1 业务说明（三） |"
        " 合同价款1000万元以上1亿元以下的,超出1000万元部分,不得低于5%"
    ),
    "last_share": (
        "第三档比例 | 《建设领域工程担保及保险综合服务系统操作手册-工程企业》 |  | 2.2.1 业务说明（三） |"
        " 合同价款1亿元以上的,1亿元以上部分,由双方确定,但不得低于承包合同工程价款的2.5%"
    ),
    "reading": (
        "第三档计算方式 | 《建设领域工程担保及保险综合服务系统操作手册-工程企业》 |  | 2.2.1 业务说明（三"
        "） | 合同价款1亿元以上的,1亿元以上部分,由双方确定,但不得低于承包合同工程价款的2.5%"
    ),
    "backfill_mode": (
        "补录范围 | 《建设领域工程担保及保险综合服务系统操作手册-工程企业》 |  | 2.2.1.1 提示 | 补录的保"
        "函为2024年7月1日之前业务办结的，因此【新增工程担保补录业务】的【业务办结时间】不可选定小于 2024 "
        "年 7 月 1 日。"
    ),
    "backfill_cut_off_on": (
        "补录分界日 | 《建设领域工程担保及保险综合服务系统操作手册-工程企业》 |  | 2.2.1.1 提示 | 补录的"
        "保函为2024年7月1日之前业务办结的，因此【新增工程担保补录业务】的【业务办结时间】不可选定小于 202"
        "4 年 7 月 1 日。"
    ),
    "price_rise_share": "合同价上涨预警比例 | 系统默认值 |  |  | ",
    "monthly_due_day": (
        "月报截止日 | 《建设领域工程担保及保险综合服务系统操作手册-工程企业》 |  | 2.2.1.3 提示 2 | 建设"
        "单位需及时于【共管资金及使用预售资金】功能，按月进行共管资金账户进行报送。未及时录入的，平台将进"
        "行预警"
    ),
    "backfill_days": (
        "补录期限 | 《建设领域工程担保及保险综合服务系统操作手册-工程企业》 |  | 2.2.1.1 补录说明 | 当前"
        "仍可线下办理，办理完成后 30 日内在平台系统中补录信息"
    ),
    "confirm_days": (
        "保函确认期限 | 《建设领域工程担保及保险综合服务系统操作手册-工程企业》 |  | 2.2.2 | 施工单位应当"
        "在收到工程款支付保函后 10 日内在本系统进行确认"
    ),
    "overdue_days": (
        "节点逾期预警天数 | 《建设领域工程担保及保险综合服务系统操作手册-工程企业》 |  | 2.2.2 | 施工单位"
        "逾期 60 日未确认收到工程款并上传收款凭证的，平台将进行预警"
    ),
    "amendment_days": (
        "担保变更更新期限 | 《建设领域工程担保及保险综合服务系统操作手册-工程企业》 |  | 2.2.3 | 出现代偿"
        "索赔或因工程停工、工期延长等情形发生保函失效、终止、担保有效期暂停或延长的，建设单位应在 10 日内"
        "通过本系统更新保函相关信息。"
    ),
    "underwriting_working_days": "保证人受理期限 | 系统默认值 |  |  | ",
    "independent_claim_working_days": "独立保函审单期限 | 《见索即付保函统一规则》（URDG 758） |  | 第20条 a 款 | ",
    "dependent_claim_working_days": "非独立保函审查期限 | 系统默认值 |  |  | ",
    "insurance_decision_days": "保险核定期限 | 《中华人民共和国保险法》 |  | 第二十三条 | ",
    "insurance_payment_days": "保险赔付期限 | 《中华人民共和国保险法》 |  | 第二十三条 | ",
    "insurance_refusal_days": "保险拒赔通知期限 | 《中华人民共和国保险法》 |  | 第二十四条 | ",
    "insurance_certain_part_days": "保险先予支付期限 | 《中华人民共和国保险法》 |  | 第二十五条 | ",
    "expiry_warning_days": "到期提前提醒天数 | 系统默认值 |  |  | ",
    "licence_warning_days": "许可证到期提前提醒天数 | 系统默认值 |  |  | ",
}
"""What each figure of the first version rests on, as the law's own version says it."""

UNNAMED = {"uq": "%(table_name)s_%(column_0_name)s_%(column_1_name)s_key"}
"""The name that PostgreSQL gave to the constraint; SQLite finds it by its columns."""


def upgrade() -> None:
    with op.batch_alter_table("contract", naming_convention=UNNAMED) as batch_op:
        batch_op.drop_constraint("contract_employer_id_contract_no_key", type_="unique")
    op.create_index(
        "ix_contract_number",
        "contract",
        ["employer_id", "contract_no"],
        unique=True,
        sqlite_where=NUMBERED,
        postgresql_where=NUMBERED,
    )
    _findings()
    _sources()
    op.add_column("fiscal", sa.Column("ended_at", sa.DateTime(), nullable=True))


def _findings() -> None:
    """Rows in the place of lines; of an old line nothing but its text is known."""
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("found_by", sa.String(length=40), nullable=False),
        sa.Column("since_at", sa.DateTime(), nullable=False),
        sa.Column("cleared_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_finding_record", "finding", ["record_type", "record_id", "cleared_at"])
    finding = sa.table("finding", *(sa.column(name) for name in NAMES))
    for table, type_ in (("guarantee", "mode"), ("account_report", "'account_report'")):
        since = "coalesce(submitted_at, created_at)"
        held = f"SELECT {type_}, id, warnings, {since} FROM {table} WHERE warnings <> ''"  # noqa: S608
        query = sa.text(held).columns(sa.String, sa.Integer, sa.Text, sa.DateTime)
        for rows in op.get_bind().execute(query).partitions(500):
            op.bulk_insert(finding, [each for row in rows for each in _lines(*row)])
        op.drop_column(table, "warnings")


def _sources() -> None:
    """The words of the law's own figures, for every version that has the same figure."""
    op.add_column("policy_version", sa.Column("sources", sa.Text(), nullable=False, server_default=""))
    names = [*SOURCES]
    version = sa.table("policy_version", *(sa.column(name) for name in ("id", "from_on", "sources", *names)))
    held = op.get_bind().execute(sa.select(version).order_by(version.c.from_on)).mappings().all()
    for row in held:
        text = "\n".join(SOURCES[name] for name in names if row[name] == held[0][name])
        op.execute(version.update().where(version.c.id == row["id"]).values(sources=text))


def _lines(record_type: str, record_id: int, text: str, since_at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "record_type": record_type,
            "record_id": record_id,
            "code": "%(text)s",
            "params": json.dumps({"text": line}, ensure_ascii=False),
            "field": "",
            "found_by": "submit",
            "since_at": since_at,
        }
        for line in dict.fromkeys(text.split("\n"))
        if line
    ]


def downgrade() -> None:
    op.drop_column("policy_version", "sources")
    for table in ("guarantee", "account_report"):
        op.add_column(table, sa.Column("warnings", sa.Text(), nullable=False, server_default=""))
    op.drop_index("ix_finding_record", table_name="finding")
    op.drop_table("finding")
    op.drop_column("fiscal", "ended_at")
    op.drop_index("ix_contract_number", table_name="contract")
    with op.batch_alter_table("contract", naming_convention=UNNAMED) as batch_op:
        batch_op.create_unique_constraint("contract_employer_id_contract_no_key", ["employer_id", "contract_no"])
