"""Run in a process of its own: the mappers of a process that has seen the fifth mode keep it for ever.

The only things done for it besides dropping its file in are its migration (its table) and the release command's
permissions.
"""

import io
import re
import sys
from pathlib import Path

import models.modes

models.modes.__path__.append(str(Path(__file__).parent / "kept"))

from openpyxl import Workbook, load_workbook  # noqa: E402

from app.core.database import db, writing  # noqa: E402
from app.core.modes import modes  # noqa: E402
from app.core.progress import Progress  # noqa: E402
from app.core.viewer import as_system  # noqa: E402
from app.cover import reckoning  # noqa: E402
from app.imports import rows  # noqa: E402
from app.imports.rows import Importer  # noqa: E402
from app.ledger import history  # noqa: E402
from app.people import permissions  # noqa: E402
from models.contract import Contract  # noqa: E402
from models.guarantee import Guarantee  # noqa: E402
from run import create_app  # noqa: E402

PASSWORD = "Guarantee#2024"
EMPLOYER = "海口江东新区基础建设有限公司"


def token_in(html: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
    assert found
    return found.group(1)


def main(folder: str) -> None:
    app = create_app({"GUARANTEE_DATA": folder, "DEMO": "1", "FAB_PASSWORD_HASH_METHOD": "pbkdf2:sha256:1"})
    [mode] = [mode for mode in modes() if mode.__tablename__ == "retention"]
    with app.app_context():
        with writing(), db.engine.begin() as connection:
            mode.__table__.create(connection)
        permissions.sync(app.extensions["appbuilder"])
        with as_system():
            contract = next(
                each
                for each in db.session.query(Contract).order_by(Contract.id.desc())
                if each.employer.name == EMPLOYER and each.project.permit_no and not reckoning.of_contract(each.id)
            )
            contract_id, permit_no = contract.id, contract.project.permit_no

    def signed_in(username: str):  # type: ignore[no-untyped-def]
        client = app.test_client()
        form = {"csrf_token": token_in(client.get("/login/").text), "username": username, "password": PASSWORD}
        assert client.post("/login/", data=form).status_code == 302
        return client

    employer = signed_in("employer")
    listed = employer.get("/letters/list/").text
    assert "保留金" in listed and "保留金模式" in listed, "no tab, or no choice in the dialog"
    page = employer.get("/retentions/add")
    assert "保管单位" in page.text
    form = {
        "csrf_token": token_in(page.text),
        "form_token": "fifth-mode-form-token-0001",
        "then": "submit",
        "contract_id": str(contract_id),
        "permit_no": permit_no,
        "amount": "100",
    }
    refused = employer.post("/retentions/add", data=form)
    assert refused.status_code == 422 and "请输入保管单位" in refused.text
    unread = employer.post("/retentions/add", data={**form, "keeper": "=琼海保管所", "term": "两年"})
    assert unread.status_code == 422 and "保管期限应写成 2年6个月" in unread.text
    made = employer.post("/retentions/add", data={**form, "keeper": "=琼海保管所", "term": "\uff12年6个月"})
    assert made.status_code == 302, made.text[:500]
    address = made.headers["Location"]
    key = address.rsplit("/", 1)[1]
    assert "待备案" in employer.get(address).text and "2年6个月" in employer.get(address).text
    assert "=琼海保管所" in employer.get("/retentions/list/?keeper=琼海").text
    cell = 'class="is-code" data-label="保管期限"><span class="num">2年6个月</span>'
    assert cell in employer.get("/retentions/list/").text
    assert "=琼海保管所" in employer.get("/retentions/list/?term_from=2年&term_to=3年").text
    assert "=琼海保管所" not in employer.get("/retentions/list/?term_from=3年").text
    assert employer.get("/retentions/list/?term_from=三年").status_code == 400
    assert "=琼海保管所" not in employer.get("/retentions/list/?keeper=三亚").text
    sheet = load_workbook(io.BytesIO(employer.get("/retentions/export/").data)).active
    assert [cell.value for cell in sheet[1]][2] == "保管单位" and sheet["C2"].value == "=琼海保管所"
    assert sheet["C2"].data_type == "s" and sheet["D2"].value == 100
    assert (sheet["E2"].value, sheet["E2"].number_format) == (30, '0"个月"')
    for stranger in ("employer2", "guarantor", "bank"):
        assert signed_in(stranger).get(address).status_code == 404, stranger
    step = {"csrf_token": form["csrf_token"], "version": "1"}
    assert employer.post(f"/retentions/do/{key}/file", data=step).status_code == 302
    assert "待备案" in employer.get(address).text, "its own employer may not file it"
    regulator = signed_in("regulator")
    page = regulator.get(address).text
    button = re.search(rf"/retentions/do/{key}/file\?version=\d+", page)
    assert button is not None and regulator.post(button[0], data={"csrf_token": token_in(page)}).status_code == 302
    assert "已备案" in regulator.get(address).text
    assert "保留金" in signed_in("admin").get("/roles/").text
    with app.app_context(), as_system():
        record = db.session.get_one(Guarantee, int(key))
        assert [event.action for event in history.of_record(record)] == ["file", "submit", "create"]
        assert reckoning.of_contract(contract_id) == 1_000_000
        assert history.verify() == ""
        assert imported(mode, ["2年6个月", 30, "两年"]) == [30, 30, "保管期限应写成 2年6个月"]
    print("the fifth mode stands")


def imported(mode: type[Guarantee], terms: list[str | int]) -> list[object]:
    """What the rows of a workbook with these terms are taken for: the value, or the fault."""
    book = Workbook()
    book.active.append(["保管单位", "保管期限"])
    for term in terms:
        book.active.append([f"保管所{term}", term])
    data = io.BytesIO()
    book.save(data)
    importer = Importer(model=mode, columns=("keeper", "term"), key="keeper")
    found = rows.typed(importer, name="terms.xlsx", data=data.getvalue(), progress=Progress())
    return [row.faults[0].text if row.faults else row.values["term"] for row in found.rows]


main(sys.argv[1])
