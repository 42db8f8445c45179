"""Query arguments that no link of ours makes are answered with 400, blanks are ignored, nothing is ever a 500."""

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web.listing import Search
from models.grammar.columns import CODE, DAY, DUE, INSTANT, LONG_TEXT, MONEY, PHONE, TEXT, field_of
from tests.contract.world import at_work, csrf
from views.frame.base import RecordView

pytestmark = pytest.mark.databases("sqlite", "postgres")

NUL, LONG = "桩\x00基", "长" * 900  # the server lets no longer line through
NOBODYS = "9" * 30
READERS = ("regulator", "employer", "guarantor", "admin", "contractor", "bank", "guarantor-admin")
ROLE_OF = {
    "regulator": "regulator",
    "employer": "employer",
    "guarantor": "guarantor",
    "admin": "admin",
    "contractor": "contractor",
    "bank": "bank",
    "guarantor-admin": "company_admin",
}
BAD_PAGES = (
    ("page", "abc"),
    ("page", "-1"),
    ("page", "0"),
    ("page", "1.5"),
    ("page", "99999999"),
    ("page", NOBODYS),
    ("size", "7"),
    ("size", "abc"),
    ("size", "-20"),
    ("size", "1000000"),
    ("sort", "password"),
    ("sort", "--id"),
    ("sort", "id;drop table letter"),
    ("sort", "__class__"),
    ("tab", "zzz"),
    ("tab", NUL),
)


def views_with_readers(app: Flask) -> Iterator[tuple[RecordView, str]]:
    for view in app.extensions["appbuilder"].baseviews:
        if isinstance(view, RecordView):
            reader = next((each for each in READERS if ROLE_OF[each] in view.opens["list"]), None)
            assert reader is not None, view.endpoint
            yield view, reader


def boxes_of(view: RecordView, app: Flask, username: str) -> Sequence[str | Search]:
    """The search boxes that this account sees on the screen."""
    with at_work(app, username):
        return view.boxes()


def bad_searches(view: RecordView, boxes: Sequence[str | Search]) -> Iterator[tuple[str, str]]:
    for box in boxes:
        if isinstance(box, Search):
            texts = ("zzz", NUL, LONG) if box.choices else (NUL, LONG)
            yield from ((box.name, text) for text in texts)
            continue
        declared = field_of(view.model, box)
        if declared.kind in (DAY, DUE, INSTANT):
            yield from ((f"{box}_from", text) for text in ("2024-13-01", "abc", "2024/05/32", "0000-00-00", NUL, LONG))
            if declared.kind is INSTANT:
                yield f"{box}_from", "0001-01-01"
        elif declared.kind is MONEY:
            yield from ((f"{box}_to", text) for text in ("abc", "1e999", "nan", "Infinity", "9" * 40, NUL, LONG))
        else:
            yield from ((box, text) for text in ((NUL, LONG, "zzz") if declared.options else (NUL, LONG)))


def harmless(boxes: Sequence[str | Search]) -> str:
    names = [box.name if isinstance(box, Search) else box for box in boxes]
    names += [f"{name}_{end}" for name in names for end in ("from", "to")]
    return "&".join(f"{name}=" for name in ("page", "size", "sort", "tab", *names))


def test_bad_arguments_of_every_list_and_export_are_refused(app: Flask, known: Callable[[str], FlaskClient]) -> None:
    answers = {}
    for view, reader in views_with_readers(app):
        client = known(reader)
        for name, text in bad_searches(view, boxes_of(view, app, reader)):
            path = f"{view.route_base}/list/?{name}={quote(text)}"
            answers[path[:120]] = client.get(path).status_code
        if ROLE_OF[reader] in view.opens.get("export", ()):
            path = f"{view.route_base}/export/?sort=password"
            answers[path] = client.get(path).status_code
    assert {path: status for path, status in answers.items() if status != 400} == {}


@pytest.mark.parametrize("path", ["/letters/list/", "/permits/list/"])
def test_bad_pages_sizes_orders_and_tabs_are_refused(known: Callable[[str], FlaskClient], path: str) -> None:
    answers = {text: known("regulator").get(f"{path}?{name}={quote(text)}").status_code for name, text in BAD_PAGES}
    assert {text: status for text, status in answers.items() if status != 400} == {}


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("tab=zzz", "状态"),
        ("size=7", "每页条数"),
        ("ends_on_to=x", "担保结束日期"),
        ("product=x", "担保类型"),
        ("standing=x", "效力"),
        ("amount_from=-1", "担保金额(万元)"),
    ],
)
def test_the_page_says_which_argument_is_bad(known: Callable[[str], FlaskClient], query: str, label: str) -> None:
    answer = known("employer").get(f"/letters/list/?{query}")
    assert answer.status_code == 400
    assert f"查询条件“{label}”不正确，请重置后再试" in answer.text


def test_blank_arguments_and_unknown_names_are_ignored(app: Flask, known: Callable[[str], FlaskClient]) -> None:
    for view, reader in views_with_readers(app):
        for query in (harmless(boxes_of(view, app, reader)), "password=1&utm_source=x"):
            assert known(reader).get(f"{view.route_base}/list/?{query}").status_code == 200, view.endpoint


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"><script>', "100%_\\'", "𠮷", "🏗", "%00", "..", "{{7*7}}"])
def test_signs_that_mean_something_to_a_machine_are_letters_to_a_search(
    app: Flask, known: Callable[[str], FlaskClient], text: str
) -> None:
    for view, reader in views_with_readers(app):
        for box in view.search_boxes:
            name = box.name if isinstance(box, Search) else box
            plain = not box.choices if isinstance(box, Search) else is_text(view, box)
            if plain:
                answer = known(reader).get(f"{view.route_base}/list/?{name}={quote(text)}")
                assert answer.status_code == 200, (view.endpoint, name)
                assert "<script>" not in answer.text.replace("<script ", "")
                break


def is_text(view: RecordView, name: str) -> bool:
    declared = field_of(view.model, name)
    return declared.kind in (TEXT, CODE, PHONE, LONG_TEXT)


def test_ids_beyond_every_number_are_absent_rows(app: Flask, known: Callable[[str], FlaskClient]) -> None:
    for view, reader in views_with_readers(app):
        for key in ("99999999999", NOBODYS):
            assert known(reader).get(f"{view.route_base}/show/{key}").status_code == 404, view.endpoint


def test_a_bulk_action_on_an_id_beyond_every_number_is_answered_like_an_absent_one(
    known: Callable[[str], FlaskClient],
) -> None:
    client = known("regulator")
    for key in (NOBODYS, f"{NOBODYS}.1", "9" * 5_000, f"{'9' * 5_000}.{'9' * 5_000}"):
        form = {"csrf_token": csrf(client), "key": key}
        assert client.post("/organisations/bulk/admit", data=form).status_code == 404


@pytest.mark.parametrize("text", [NUL, LONG, "%", "_", "'"])
def test_a_picker_takes_any_keyword(app: Flask, known: Callable[[str], FlaskClient], text: str) -> None:
    for view, reader in views_with_readers(app):
        for name in view.pickers:
            answer = known(reader).get(f"{view.route_base}/pick/{name}?q={quote(text)}")
            assert answer.status_code in (200, 400, 404), (view.endpoint, name)


def test_a_percent_sign_in_a_picker_is_a_letter(known: Callable[[str], FlaskClient]) -> None:
    answer = known("employer").get(f"/letters/pick/contract_id?q={quote('%')}")
    assert answer.json is not None
    assert answer.json["rows"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/verify/zh?code=",
        "/verify/?number=%00&code=%00",
        "/verify/%00?code=a",
        "/password/reset/%00",
        "/invitation/%00",
        "/lang/%00",
    ],
)
def test_public_pages_take_any_text(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code < 500
