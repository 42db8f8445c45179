"""担保数据文件: the feed of cover by permit as files, written each night for every region that has a regulator.

A regulator reads the files of its own region and of those within it; they are kept for thirty days.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Table, delete, insert, select

from app.core.clock import now, today
from app.core.database import affected, db, transaction, writing
from app.core.viewer import viewer
from app.cover import feed
from app.engine.jobs import job
from app.engine.running import Running
from app.files.store import FileStore
from app.ledger.scope import UNSCOPED
from models.cover_file import CoverFile
from models.grammar.viewer import REGULATOR
from models.organisation import Organisation, OrganisationRole
from models.permit import Permit
from models.rules import regions

WRITTEN_AT = 4  # after letters have expired and the alerts were swept
KEPT_FOR = timedelta(days=30)
AT_ONCE = 500
JSON_LINES, CSV = "jsonl", "csv"
MEDIA_TYPES = {JSON_LINES: "application/x-ndjson", CSV: "text/csv"}

OF_PERMIT = (
    *("permit_no", "project_name", "region_code", "permitted_on", "employer_name", "employer_uscc"),
    *("contractor_name", "contractor_uscc", "price", "degree", "meets_minimum", "gap", "as_of"),
)
OF_CONTRACT = (
    *("contract_no", "project_name", "contractor_name", "contractor_uscc", "price", "minimum", "covered"),
    *("cover_share", "meets_minimum"),
)
OF_GUARANTEE = ("mode", "number", "guarantor_name", "amount", "amount_left", "since", "until")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would reckon with: such a text gets an apostrophe in front."""

_file: Table = CoverFile.metadata.tables[CoverFile.__tablename__]


@job("cover_files", "生成担保数据文件", apart=True, daily_at=WRITTEN_AT)
def _write_nightly(running: Running) -> None:
    written = sum(write(code) for code in running.over(regulated_regions()))
    with running.completing(written=written):
        pass


def regulated_regions() -> list[str]:
    """The regions that have a regulator of their own."""
    query = select(Organisation.region_code).join(OrganisationRole).where(OrganisationRole.role == REGULATOR)
    query = query.where(Organisation.state == "admitted", Organisation.region_code.is_not(None)).distinct()
    found = db.session.scalars(query.execution_options(**UNSCOPED)).all()
    return sorted(str(each) for each in found)


def write(region_code: str) -> int:
    """Write today's files of a region in place of those that there are; gives the number of its permits."""
    items = list(_items(region_code))
    made = {JSON_LINES: _json_lines(items), CSV: _csv(items)}
    rows = [_row(region_code, kind, data, len(items)) for kind, data in made.items()]
    own = (_file.c.region_code == region_code, _file.c.made_on == today())
    with writing(), transaction():
        affected(delete(_file).where(*own))
        db.session.connection().execute(insert(_file), rows)
    return len(items)


def readable() -> Sequence[Any]:
    """The files that the viewer may read, the newest first; none for anybody but a regulator."""
    query = select(_file).where(_file.c.region_code.in_(_own_regions()), _file.c.made_on > today() - KEPT_FOR)
    order = (_file.c.made_on.desc(), _file.c.region_code, _file.c.kind)
    return db.session.connection().execute(query.order_by(*order)).all()


def find(made_on: date, region_code: str, kind: str) -> Any:
    """One of the files that the viewer may read; None where there is no such."""
    which = (_file.c.made_on == made_on, _file.c.region_code == region_code, _file.c.kind == kind)
    query = select(_file).where(*which, _file.c.region_code.in_(_own_regions()))
    return db.session.connection().execute(query).one_or_none()


def read(found: Any) -> bytes:
    """The bytes of a file, verified against their sha256."""
    return store().read(found.sha256)


def name_of(found: Any) -> str:
    """What the file is called where it is fetched."""
    return f"cover-{found.region_code}-{found.made_on:%Y%m%d}.{found.kind}"


def forget_old() -> int:
    """Delete the rows of files that are older, inside the running transaction; the bytes go once no row names them."""
    return affected(delete(_file).where(_file.c.made_on <= today() - KEPT_FOR))


def store() -> FileStore:
    """The content store of this installation."""
    return FileStore(current_app.config["UPLOAD_FOLDER"])


def _own_regions() -> list[str]:
    return sorted(viewer().regions) if viewer().has(REGULATOR) else []


def _items(region_code: str) -> Iterator[dict[str, Any]]:
    inside, last = Permit.region_code.in_(sorted(regions.within(region_code))), 0
    while True:
        query = select(Permit).where(inside, Permit.id > last).order_by(Permit.id).limit(AT_ONCE)
        found = db.session.scalars(query.execution_options(**UNSCOPED)).all()
        if not found:
            return
        last = found[-1].id
        yield from feed.of_permits(found)
        db.session.rollback()


def _row(region_code: str, kind: str, data: bytes, permit_count: int) -> dict[str, Any]:
    return {
        "region_code": region_code,
        "made_on": today(),
        "kind": kind,
        "sha256": store().put(data),
        "size": len(data),
        "permit_count": permit_count,
        "made_at": now(),
    }


def _json_lines(items: Sequence[dict[str, Any]]) -> bytes:
    lines = (json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in items)
    return "".join(f"{line}\n" for line in lines).encode()


def _csv(items: Sequence[dict[str, Any]]) -> bytes:
    """A line for each guarantee that counts, and for each contract and permit that has none."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(
        [*OF_PERMIT, *(f"contract_{name.removeprefix('contract_')}" for name in OF_CONTRACT), *OF_GUARANTEE]
    )
    for item in items:
        for contract in item["contracts"] or [{}]:
            for guarantee in contract.get("guarantees") or [{}]:
                writer.writerow(
                    [*_cells(item, OF_PERMIT), *_cells(contract, OF_CONTRACT), *_cells(guarantee, OF_GUARANTEE)]
                )
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cells(held: dict[str, Any], names: Sequence[str]) -> Iterator[str]:
    shown: dict[type, Callable[[Any], str]] = {bool: lambda value: "true" if value else "false"}
    for name in names:
        value = held.get(name)
        text = "" if value is None else shown.get(type(value), str)(value)
        yield f"'{text}" if text.startswith(FORMULA) else text
