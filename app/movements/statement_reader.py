"""The child process that opens a bank's statement from outside: Excel, CSV, camt.053 or camt.054.

A script of its own like `app.imports.reader`, which it asks for workbooks and whose answer it gives: rows under the
heads of the template. XML that declares a document type or an entity is refused unread, since an entity may name a file
or grow without end.
"""

import csv
import importlib.util
import io
import json
import re
import resource
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

_READER = Path(__file__).resolve().parent.parent / "imports" / "reader.py"
_found = importlib.util.spec_from_file_location("reader", _READER)
assert _found is not None and _found.loader is not None
reader = importlib.util.module_from_spec(_found)
_found.loader.exec_module(reader)

MAX_DEPTH = 40
DOCTYPE, NOT_CAMT, NO_OPENING, BAD_BALANCE, WRONG_CLOSING, NOT_TEXT = (
    "doctype",
    "not_camt",
    "no_opening",
    "bad_balance",
    "wrong_closing",
    "not_text",
)
BOOKED = "入账时间"
HEADS = (
    *("开户号", "银行流水号", "收支方向", "金额(元)", "交易后余额(元)", BOOKED, "起息日", "用途"),
    *("对方户名", "对方账号", "摘要"),
)
PURPOSES = {"SALA": "wages", "PAYR": "wages", "INTE": "interest", "CHAR": "fee", "COMM": "fee", "INTC": "transfer"}
"""What the external purpose codes of ISO 20022 are here; what is not among them is 其他."""

SHANGHAI = timezone(timedelta(hours=8))
CURRENCY, CREDIT, DEBIT = "CNY", "CRDT", "DBIT"
_NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.05[34]\.\d{3}\.\d{2}\}")
_MONEY = re.compile(r"[0-9]{1,20}(\.[0-9]{1,10})?")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})")
_DAY = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?)?")


class Unreadable(ValueError):
    """What stands against the file, in one word."""


def main() -> int:
    """Read the statement on standard input and say what is in it; 3 when the memory did not suffice."""
    resource.setrlimit(resource.RLIMIT_AS, (reader.MEMORY_BYTES, reader.MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (reader.CPU_SECONDS, reader.CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = json.dumps(read(sys.stdin.buffer.read()), ensure_ascii=False).encode()
    except MemoryError:
        return int(reader.OUT_OF_MEMORY)
    fault = json.dumps({"fault": reader.TOO_BIG}).encode()
    sys.stdout.buffer.write(answer if len(answer) < reader.OUTPUT_BYTES else fault)
    return 0


def read(data: bytes) -> dict[str, Any]:
    """The rows of the statement, or what stands against reading them."""
    try:
        if data.startswith(b"PK"):
            found: dict[str, Any] = reader.read(data)
        else:
            found = _listed(_camt(data) if _is_xml(data) else _csv(data))
    except Unreadable as wrong:
        return {"fault": str(wrong)}
    _complete_days(found.get("rows", []))
    return found


def _is_xml(data: bytes) -> bool:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" or data[:4] in (b"\xff\xfe<\0", b"\xfe\xff\0<")


def _listed(rows: Iterable[list[Any]]) -> dict[str, Any]:
    found = []
    for number, cells in enumerate(rows, start=1):
        if number > reader.MAX_ROWS + 1:
            return {"fault": reader.TOO_LONG}
        if any(cells):
            found.append([number, [each if each else None for each in cells[: reader.MAX_COLUMNS]]])
    return {"rows": found} if found else {"fault": reader.EMPTY}


def _complete_days(rows: list[list[Any]]) -> None:
    """Let every booking say day and time: one that says the day alone was booked when the day began."""
    heads = [str(each or "").replace("*", "").strip() for each in rows[0][1]] if rows else []
    if BOOKED not in heads:
        return
    column = heads.index(BOOKED)
    for _number, cells in rows[1:]:
        if column < len(cells) and cells[column] is not None:
            given = cells[column]
            text = given["date"] if isinstance(given, dict) else given
            found = _DAY.fullmatch(_in_shanghai(text.strip())) if isinstance(text, str) else None
            if found is not None:
                year, _sign, month, day, hour, minute, second = found.groups()
                time = f"{int(hour or 0):02d}:{minute or '00'}:{second or '00'}"
                cells[column] = f"{year}-{int(month):02d}-{int(day):02d} {time}"


def _csv(data: bytes) -> Iterator[list[str]]:
    text = _decoded(data)
    head = text.split("\n", 1)[0]
    sign = max(",;\t", key=head.count)
    csv.field_size_limit(reader.MAX_TEXT * 10)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign):
            yield [each.strip().removeprefix("'")[: reader.MAX_TEXT + 1] for each in row]
    except csv.Error:
        raise Unreadable(NOT_TEXT) from None


def _decoded(data: bytes) -> str:
    for name in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable(NOT_TEXT)


class _Plain(ElementTree.TreeBuilder):
    """A tree that refuses to grow from a document type, or too deep."""

    depth = 0

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise Unreadable(DOCTYPE)

    def start(self, tag: Any, attributes: Any) -> Any:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable(NOT_CAMT)
        return super().start(tag, attributes)

    def end(self, tag: Any) -> Any:
        self.depth -= 1
        return super().end(tag)


def _camt(data: bytes) -> Iterator[list[str]]:
    for sign in (b"<!DOCTYPE", b"<!ENTITY"):
        if sign in data.upper() or sign in data.replace(b"\0", b"").upper():
            raise Unreadable(DOCTYPE)
    parser = ElementTree.XMLParser(target=_Plain())
    try:
        parser.feed(data)
        root = parser.close()
    except (ElementTree.ParseError, ValueError, LookupError) as wrong:
        raise wrong if isinstance(wrong, Unreadable) else Unreadable(NOT_CAMT) from None
    named = _NAMESPACE.match(str(root.tag))
    if named is None:
        raise Unreadable(NOT_CAMT)
    for element in root.iter():
        element.tag = str(element.tag).removeprefix(named[0])
    statements = [*root.findall("BkToCstmrStmt/Stmt"), *root.findall("BkToCstmrDbtCdtNtfctn/Ntfctn")]
    if root.tag != "Document" or not statements:
        raise Unreadable(NOT_CAMT)
    yield list(HEADS)
    for each in statements:
        yield from _statement(each)


def _statement(found: Any) -> Iterator[list[str]]:
    """The booked entries in their order, each with the balance that the opening and the entries before it leave.

    One whose amount cannot be read is given as it stands, so that its row says what is wrong with it.
    """
    account = _text(found, "Acct/Id/Othr/Id", "Acct/Id/IBAN")
    held = _balance(found, "OPBD", "PRCD")
    if found.tag == "Stmt" and held is None:
        raise Unreadable(NO_OPENING)
    is_sound = True
    for entry in found.findall("Ntry"):
        if _text(entry, "Sts/Cd", "Sts") not in ("BOOK", ""):
            continue
        amount = _amount(entry)
        is_sound = is_sound and amount is not None
        if held is not None:
            held += amount or 0
        yield _entry(entry, account, held)
    closing = _balance(found, "CLBD")
    if is_sound and held is not None and closing is not None and held != closing:
        raise Unreadable(WRONG_CLOSING)


def _entry(entry: Any, account: str, held: Decimal | None) -> list[str]:
    one = entry.find("NtryDtls/TxDtls")
    details = one if one is not None else entry
    sign = _text(entry, "CdtDbtInd")
    other = "RltdPties/Dbtr" if sign == CREDIT else "RltdPties/Cdtr"
    purpose = _text(details, "Purp/Cd")
    return [
        account,
        _text(entry, "AcctSvcrRef", "NtryRef") or _text(details, "Refs/AcctSvcrRef", "Refs/TxId"),
        {CREDIT: "in", DEBIT: "out"}.get(sign, sign),
        _money(entry),
        "" if held is None else f"{held:f}",
        _in_shanghai(_text(entry, "BookgDt/DtTm", "BookgDt/Dt")),
        _in_shanghai(_text(entry, "ValDt/Dt", "ValDt/DtTm"))[:10],
        _text(details, "Purp/Prtry") or PURPOSES.get(purpose, "other"),
        _text(details, f"{other}/Nm", f"{other}/Pty/Nm"),
        _text(details, f"{other}Acct/Id/Othr/Id", f"{other}Acct/Id/IBAN"),
        _text(details, "RmtInf/Ustrd", "AddtlTxInf") or _text(entry, "AddtlNtryInf"),
    ]


def _in_shanghai(text: str) -> str:
    """Day and time as a clock in Shanghai showed them; what names no offset is its time already."""
    day = _DATE.fullmatch(text)
    if day is not None:
        return day[1]
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if at.tzinfo is not None else text
    except (ValueError, OverflowError):
        return text


def _balance(found: Any, *codes: str) -> Decimal | None:
    for each in found.findall("Bal"):
        if _text(each, "Tp/CdOrPrtry/Cd") in codes:
            amount = _amount(each)
            if amount is None:
                raise Unreadable(BAD_BALANCE)
            return amount
    return None


def _amount(found: Any) -> Decimal | None:
    """The amount of an entry or a balance, below 0 for a debit; None where it says no 元 or not whose they are."""
    money, sign = _money(found), _text(found, "CdtDbtInd")
    if _MONEY.fullmatch(money) is None or sign not in (CREDIT, DEBIT):
        return None
    return Decimal(money) if sign == CREDIT else -Decimal(money)


def _money(found: Any) -> str:
    """The amount as it is written, with its currency where that is another one."""
    amount = found.find("Amt")
    currency = "" if amount is None else str(amount.get("Ccy", "?"))[:10]
    return _text(found, "Amt") if currency == CURRENCY else f"{_text(found, 'Amt')} {currency}".strip()


def _text(found: Any, *paths: str) -> str:
    for path in paths:
        text = found.findtext(path)
        if text and text.strip():
            return str(text.strip())[: reader.MAX_TEXT]
    return ""


if __name__ == "__main__":
    sys.exit(main())
