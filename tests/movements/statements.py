"""Statements of banks as files: Excel, CSV and camt, sound ones and hostile ones."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook

HEADS = ("开户号", "银行流水号", "收支方向", "金额(元)", "交易后余额(元)", "入账时间", "用途", "对方户名", "摘要")


def line(account_no: str, reference: str, amount: str, balance: Any, **changed: Any) -> list[Any]:
    """One row under the heads; an amount that begins with - was paid out."""
    given = {
        "开户号": account_no,
        "银行流水号": reference,
        "收支方向": "支出" if amount.startswith("-") else "存入",
        "金额(元)": amount.removeprefix("-"),
        "交易后余额(元)": balance,
        "入账时间": "2025-04-02 09:30:00",
        "用途": "农民工工资" if amount.startswith("-") else "资金存入",
        "对方户名": "椰城建设有限公司",
        "摘要": "四月",
    }
    return [{**given, **changed}[head] for head in HEADS]


def csv_of(rows: Sequence[Sequence[Any]], *, encoding: str = "utf-8-sig", sign: str = ",") -> bytes:
    """The rows as CSV."""
    return "\r\n".join(sign.join(map(str, row)) for row in (HEADS, *rows)).encode(encoding)


def xlsx_of(rows: Sequence[Sequence[Any]]) -> bytes:
    """The rows as a workbook."""
    book = Workbook()
    page = book.active
    assert page is not None
    for row in (HEADS, *rows):
        page.append(list(row))
    target = BytesIO()
    book.save(target)
    return target.getvalue()


ENTRY = """<Ntry><Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts>{state}</Sts>
<BookgDt><DtTm>{at}</DtTm></BookgDt><ValDt><Dt>2025-04-02</Dt></ValDt><AcctSvcrRef>{reference}</AcctSvcrRef>
<NtryDtls><TxDtls><Purp><Cd>{purpose}</Cd></Purp><RltdPties><Cdtr><Nm>椰城建设有限公司</Nm></Cdtr></RltdPties>
<RmtInf><Ustrd>四月工资</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""


def entry(reference: str, amount: str, *, purpose: str = "SALA", state: str = "BOOK", minute: int = 0) -> str:
    """One entry; an amount that begins with - is a debit."""
    sign = "DBIT" if amount.startswith("-") else "CRDT"
    at = f"2025-04-02T09:{minute:02d}:00"
    return ENTRY.format(
        amount=amount.removeprefix("-"), sign=sign, state=state, at=at, reference=reference, purpose=purpose
    )


def camt_of(
    account_no: str, *entries: str, opening: str = "1613000.00", closing: str = "", before: str = "", kind: str = "053"
) -> bytes:
    """A statement (053) or a notification (054) with these entries."""
    balances = [("OPBD", opening), ("CLBD", closing)] if kind == "053" else []
    told = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='CNY'>{amount}</Amt>"
        "<CdtDbtInd>CRDT</CdtDbtInd></Bal>"
        for code, amount in balances
        if amount
    )
    outer, inner = ("BkToCstmrStmt", "Stmt") if kind == "053" else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.08"><{outer}><{inner}>'
        f"<Acct><Id><Othr><Id>{account_no}</Id></Othr></Id></Acct>{told}{''.join(entries)}"
        f"</{inner}></{outer}></Document>"
    ).encode()
