"""A bank's statement is shown before it is taken, whole or not at all, and never trusted."""

from decimal import Decimal
from itertools import count

import pytest
from flask import Flask

from app.core.refusals import Refused
from app.imports import runs
from app.imports.rows import DryRun
from app.movements import files
from models.grammar.viewer import BANK
from models.modes.escrow import Escrow
from models.rules.problem import Problem
from tests import bare as site
from tests.movements.said import DAY, agreement, book, chain, push
from tests.movements.statements import camt_of, csv_of, entry, line, xlsx_of
from tests.movements.test_taking import account_of, kept

pytestmark = pytest.mark.databases("sqlite", "postgres")
_tokens = count(1)


def upload(app: Flask, data: bytes, name: str) -> tuple[str, list[Problem], DryRun | None]:
    """The token of the uploaded file, what stands against it, and its dry run."""
    token = f"statement-upload-{next(_tokens):06d}"
    with site.work(app, site.person(BANK), DAY):
        token, found = runs.keep(files.IMPORTER, token, filename=name, data=data)
    if found:
        return token, found, None
    with site.work(app, site.person(BANK), DAY):
        return token, found, files.dry_run(files.IMPORTER, token)


def confirm(app: Flask, token: str) -> runs.Done | None:
    with site.work(app, site.person(BANK), DAY):
        return files.carry_out(files.IMPORTER, token)


def taken(app: Flask, data: bytes, name: str) -> DryRun:
    token, found, dry = upload(app, data, name)
    assert not found and dry is not None and dry.may_be_confirmed, (found, dry)
    done = confirm(app, token)
    assert done is not None and done.count == dry.count("new")
    again = confirm(app, token)
    assert again is not None and again.before
    return dry


@pytest.mark.parametrize("how", ["xlsx", "utf-8-sig", "gb18030", "gbk", "semicolon"])
def test_a_statement_is_taken_from_a_table(bare: Flask, how: str) -> None:
    key = agreement(bare)
    no = account_of(bare, key)
    lines = [line(no, "F1", "100.50", "1613100.50"), line(no, "F2", "-0.50", "1613100.00", 入账时间="2025/4/2 9:31")]
    if how == "xlsx":
        taken(bare, xlsx_of(lines), "流水.xlsx")
    elif how == "semicolon":
        taken(bare, csv_of(lines, sign=";"), "流水.csv")
    else:
        taken(bare, csv_of(lines, encoding=how), "流水.csv")
    book(bare, no)
    now = site.look(bare, Escrow, key)
    assert (now["balance"], now["moved_count"]) == (Decimal("1613100.00"), 2)
    assert site.findings(bare, Escrow, key) == []


def test_a_camt_statement_is_taken_with_the_balances_that_its_opening_leaves(bare: Flask) -> None:
    key = agreement(bare)
    no = account_of(bare, key)
    entries = (entry("C1", "100.00", minute=1), entry("C2", "-40.00", minute=2), entry("C3", "9", state="PDNG"))
    taken(bare, camt_of(no, *entries, closing="1613060.00"), "流水.xml")
    book(bare, no)
    now = site.look(bare, Escrow, key)
    assert (now["balance"], now["moved_count"]) == (Decimal("1613060.00"), 2)


def test_what_was_pushed_already_is_passed_over(bare: Flask) -> None:
    no = account_of(bare, agreement(bare))
    push(bare, [{**chain(no, "100.50")[0], "reference": "F1", "booked_at": "2025-04-02T09:30:00+08:00"}])
    fresh = line(no, "F2", "1.00", "1613101.50")
    known = line(no, "F1", "100.50", "1613100.50", 对方户名="", 摘要="")
    _token, _found, dry = upload(bare, csv_of([known, fresh]), "流水.csv")
    assert dry is not None and (dry.count("same"), dry.count("new"), dry.fault_count) == (1, 1, 0)
    _token, _found, other = upload(bare, csv_of([line(no, "F1", "100.51", "1613100.51")]), "流水.csv")
    assert other is not None and "F1" in other.rows[0].faults[0].text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"金额(元)": "1e5"}, "1e5"),
        ({"金额(元)": "0.001"}, "0.001"),
        ({"金额(元)": "-1"}, "-1"),
        ({"金额(元)": "=1+1"}, "=1+1"),
        ({"金额(元)": "0"}, "大于 0"),
        ({"银行流水号": ""}, "银行流水号"),
        ({"交易后余额(元)": ""}, "交易后余额"),
        ({"入账时间": "2025-04-31 10:00:00"}, "入账时间"),
        ({"入账时间": "2025-05-31 10:00:00"}, "晚于现在"),
        ({"用途": "请客"}, "请客"),
        ({"开户号": "12345678"}, "12345678"),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_faulty_row_is_named_and_nothing_is_taken(
    bare: Flask, kind: str, changed: dict[str, str], words: str
) -> None:
    no = account_of(bare, agreement(bare))
    rows = [line(no, "F1", "1.00", "1613001.00"), line(no, "F2", "1.00", "1613002.00", **changed)]
    data = csv_of(rows) if kind == "csv" else xlsx_of(rows)
    token, found, dry = upload(bare, data, f"流水.{kind}")
    assert not found and dry is not None and not dry.may_be_confirmed
    assert [bool(row.faults) for row in dry.rows] == [False, True]
    assert any(words in each.text for each in dry.rows[1].faults), dry.rows[1].faults
    with pytest.raises(Refused):
        confirm(bare, token)
    assert kept(bare, no) == 0


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ('Ccy="CNY">1.00', 'Ccy="USD">1.00', "1.00USD"),
        ('Ccy="CNY">1.00', ">1.00", "1.00?"),
        (">1.00<", ">-1.00<", "-1.00"),
        (">1.00<", ">1e2<", "1e2"),
        (">1.00<", ">NaN<", "NaN"),
        ("<CdtDbtInd>CRDT</CdtDbtInd>", "", "请选择收支方向"),
        (">CRDT<", ">BOTH<", "BOTH"),
    ],
)
def test_a_faulty_entry_of_camt_is_named_and_nothing_is_taken(bare: Flask, was: str, now: str, words: str) -> None:
    no = account_of(bare, agreement(bare))
    faulty = entry("C2", "1.00").replace(was, now)
    data = camt_of(no, entry("C1", "5.00"), faulty, closing="1613006.00")
    _token, found, dry = upload(bare, data, "流水.xml")
    assert not found and dry is not None and not dry.may_be_confirmed and not dry.faults
    assert [bool(row.faults) for row in dry.rows] == [False, True]
    assert any(words in each.text for each in dry.rows[1].faults), dry.rows[1].faults
    assert kept(bare, no) == 0


@pytest.mark.parametrize(
    ("told", "day", "time"),
    [
        ("2025-03-31T16:30:00Z", 1, "00:30:00"),
        ("2025-03-31T11:30:00-05:00", 1, "00:30:00"),
        ("2025-04-01T00:30:00.250+08:00", 1, "00:30:00"),
        ("2025-04-01T00:30:00", 1, "00:30:00"),
        ("2025-04-02", 2, "00:00:00"),
        ("2025-04-02+08:00", 2, "00:00:00"),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "xml"])
def test_a_booking_is_of_the_day_in_shanghai(bare: Flask, kind: str, told: str, day: int, time: str) -> None:
    no = account_of(bare, agreement(bare))
    if kind == "csv":
        data = csv_of([line(no, "F1", "1.00", "1613001.00", 入账时间=told)])
    else:
        data = camt_of(no, entry("F1", "1.00").replace("2025-04-02T09:00:00", told))
    _token, found, dry = upload(bare, data, f"流水.{kind}")
    assert not found and dry is not None and dry.rows[0].values is not None, dry
    assert dry.rows[0].values["booked_at"].isoformat() == f"2025-04-{day:02d}T{time}+08:00"


BILLION = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE d SYSTEM "file:///etc/passwd">'


@pytest.mark.parametrize("before", [BILLION, FILE])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_unread(bare: Flask, before: str, encoding: str) -> None:
    no = account_of(bare, agreement(bare))
    data = camt_of(no, entry("C1", "1.00"), before=before)
    text = data.decode().replace('encoding="UTF-8"', f'encoding="{encoding.upper()}"')
    _token, found, dry = upload(bare, text.encode(encoding), "流水.xml")
    assert found or (dry is not None and dry.faults and "实体" in dry.faults[0])
    assert kept(bare, no) == 0


def other_document(namespace: str) -> bytes:
    """What is built as a statement, names camt in a comment, and is something else by its namespace."""
    told = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
    document = camt_of("1", entry("C1", "1.00"), before=f'<!-- <Document xmlns="{told}"> -->').decode()
    before, _told, after = document.rpartition(told)
    return f"{before}{namespace}{after}".encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (camt_of("1", entry("C1", "1.00"), opening=""), "期初余额"),
        (camt_of("1", entry("C1", "1.00"), closing="5.00"), "期末余额"),
        (other_document("urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"), "camt"),
        (other_document("urn:evil:camt.053.001.08"), "camt"),
        (camt_of("1", entry("C1", "1.00")).replace(b"Ccy='CNY'", b"Ccy='USD'"), "人民币"),
        (camt_of("1", entry("C1", "1.00"))[:-20], "camt"),
        (camt_of("1", "<a>" * 60 + "</a>" * 60), "camt"),
        (b"a,b\r\n\xff\xff\xff,1", "编码"),
        (csv_of([]), "没有数据"),
        (b"a,b\r\n1,2", "开户号"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(bare: Flask, data: bytes, words: str) -> None:
    name = "流水.xml" if data.startswith(b"<") else "流水.csv"
    _token, found, dry = upload(bare, data, name)
    assert not found and dry is not None
    assert any(words in each for each in dry.faults), dry.faults


def test_a_large_statement_is_read_and_one_beyond_the_limit_is_refused_at_the_door(bare: Flask) -> None:
    no = account_of(bare, agreement(bare))
    data = camt_of(no, entry("C1", "1.00"), "<!-- " + "x" * (10 * 1024 * 1024) + " -->")
    _token, _found, dry = upload(bare, data, "流水.xml")
    assert dry is not None and dry.may_be_confirmed
    _token, found, _dry = upload(bare, data + b" " * (11 * 1024 * 1024), "流水.xml")
    assert "20 MB" in found[0].text


def test_a_notification_without_balances_cannot_be_taken_as_movements(bare: Flask) -> None:
    no = account_of(bare, agreement(bare))
    _token, _found, dry = upload(bare, camt_of(no, entry("C1", "1.00"), kind="054"), "流水.xml")
    assert dry is not None and "交易后余额" in dry.rows[0].faults[0].text


@pytest.mark.parametrize(("data", "name"), [(b"<html>,</html>", "流水.xml"), (b"MZ\x00\x01,", "流水.csv")])
def test_what_is_no_statement_is_refused_at_the_door(bare: Flask, data: bytes, name: str) -> None:
    _token, found, _dry = upload(bare, data, name)
    assert "类型不支持" in found[0].text
