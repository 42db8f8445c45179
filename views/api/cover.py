"""The feed of cover by permit, for regulators and their programs: whoever may read the register of permits."""

from datetime import UTC, date, datetime
from typing import Any

from flask import Response, jsonify, request, url_for
from sqlalchemy import func, select

from app.core.clock import today
from app.core.database import db
from app.core.refusals import NotFound, Refused
from app.core.viewer import viewer
from app.core.words import _
from app.cover import feed, feed_files
from app.web.api_problems import ApiProblem
from models.grammar.appbuilder import expose
from models.grammar.columns import SHANGHAI
from models.grammar.fields import Schema
from models.grammar.viewer import READ, REGULATOR
from models.permit import Permit
from models.rules.problem import Problem
from views.api.door import ApiView, opened
from views.api.operations import READING, all_of, operation

PAGE_SIZE = 100
LAST_PAGE = 100_000
TEXT: Schema = {"type": "string"}
DAY: Schema = {"type": "string", "format": "date"}
COUNT: Schema = {"type": "integer"}
OPEN: Schema = {"type": ["string", "null"]}


class CoverFeedView(ApiView):
    """What secures each permitted project, a page at a time, and the files of the last nights."""

    @staticmethod
    def described() -> dict[str, Any]:
        """The operations of its addresses."""
        told = {"as_of": DAY, **dict.fromkeys(("page", "size", "total"), COUNT), "next": {"type": ["string", "null"]}}
        page = all_of({"items": {"type": "array", "items": _permit()}, **told})
        feed_ = _reading("list", _("许可证担保情况"), page)
        feed_["parameters"] = [
            {"name": "since", "in": "query", "schema": TEXT, "description": _("只列出该日或该时刻起有变化的许可证")},
            {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": LAST_PAGE}},
        ]
        names = dict.fromkeys(("region_code", "kind", "sha256", "url"), TEXT)
        file = all_of({**names, "made_on": DAY, "made_at": TEXT, "size": COUNT, "permit_count": COUNT})
        files = _reading("files", _("每晚的担保情况文件"), all_of({"items": {"type": "array", "items": file}}))
        return {"/cover-by-permit": {"get": feed_}, "/cover-by-permit/files": {"get": files}}

    @expose("/cover-by-permit")
    @opened(READ)
    def cover(self) -> Any:
        """The permits of the caller's regions by their id; with `since` those whose cover changed from then on."""
        _must_regulate()
        page, since = _page(), _since()
        which = (feed.changed_since(since),) if since is not None else ()
        query = select(Permit).where(*which).order_by(Permit.id).limit(PAGE_SIZE).offset(PAGE_SIZE * (page - 1))
        found = list(db.session.scalars(query))
        total = db.session.scalar(select(func.count(Permit.id)).where(*which)) or 0
        is_last = page * PAGE_SIZE >= total
        after = None if is_last else url_for("CoverFeedView.cover", page=page + 1, since=request.args.get("since"))
        return jsonify(
            items=feed.of_permits(found),
            as_of=today().isoformat(),
            page=page,
            size=PAGE_SIZE,
            total=total,
            next=after,
        )

    @expose("/cover-by-permit/files")
    @opened(READ)
    def files(self) -> Any:
        """The nightly files of the caller's regions, the newest first, each with the sha256 of its bytes."""
        _must_regulate()
        return jsonify(items=[_told(each) for each in feed_files.readable()])

    @expose("/cover-by-permit/files/<made_on>/<region_code>.<kind>")
    @opened(READ)
    def file(self, made_on: str, region_code: str, kind: str) -> Any:
        """One of the files."""
        _must_regulate()
        return answer(made_on, region_code, kind)


def _reading(what: str, summary: str, schema: Schema) -> dict[str, Any]:
    made = operation(
        "cover-by-permit", what, summary, roles=(REGULATOR,), answers={200: schema}, problems=(*READING, 422)
    )
    made["description"] += "\n\n" + _("供工资支付监管平台等使用：只提供给主管部门及其登记的接口客户端，金额单位为元")
    return made


def _permit() -> Schema:
    """One permit with the contracts of its projects, and what secures each of them."""
    guarantee = dict.fromkeys(("mode", "number", "guarantor_name", "amount", "amount_left", "since", "until"), OPEN)
    names = dict.fromkeys(("contract_no", "project_name", "contractor_name", "contractor_uscc"), OPEN)
    sums = dict.fromkeys(("price", "minimum", "covered", "cover_share"), TEXT)
    given: Schema = {"guarantees": {"type": "array", "items": all_of(guarantee)}}
    contract = all_of({**names, **sums, "meets_minimum": {"type": "boolean"}, **given})
    parties = ("employer_name", "employer_uscc", "contractor_name", "contractor_uscc", "project_name", "price")
    known = {**dict.fromkeys(("permit_no", "region_code", "degree", "gap"), TEXT), "permitted_on": DAY, "as_of": DAY}
    told = {**known, **dict.fromkeys(parties, OPEN), "meets_minimum": {"type": "boolean"}}
    return all_of({**told, "contracts": {"type": "array", "items": contract}})


def answer(made_on: str, region_code: str, kind: str) -> Response:
    """The file as a download; NotFound where the viewer has no such."""
    try:
        found = feed_files.find(date.fromisoformat(made_on), region_code[:6], kind[:10])
    except ValueError:
        found = None
    if found is None:
        raise NotFound(f"cover file {made_on}")
    made = Response(feed_files.read(found), mimetype=feed_files.MEDIA_TYPES[found.kind])
    made.headers["Content-Disposition"] = f'attachment; filename="{feed_files.name_of(found)}"'
    return made


def _must_regulate() -> None:
    if not viewer().has(REGULATOR):
        detail = _("担保数据只提供给主管部门及其登记的接口客户端")
        raise ApiProblem(403, "not-regulator", detail=detail)


def _told(found: Any) -> dict[str, Any]:
    named = {"made_on": found.made_on.isoformat(), "region_code": found.region_code, "kind": found.kind}
    return {
        **named,
        "size": found.size,
        "sha256": found.sha256,
        "permit_count": found.permit_count,
        "made_at": found.made_at.astimezone(SHANGHAI).isoformat(),
        "url": url_for("CoverFeedView.file", **named),
    }


def _page() -> int:
    text = request.args.get("page", "1")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
    if not 1 <= number <= LAST_PAGE:
        raise Refused([Problem("页码应为 1 至 %(last)s 的整数", "page", {"last": LAST_PAGE})])
    return number


def _since() -> datetime | None:
    """The moment from which changes are asked for: a day, or an instant; without an offset it is Shanghai's."""
    text = request.args.get("since", "")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        since = moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)
        since.astimezone(UTC)  # in which instants are stored: the first and the last days there are have none
        return since
    except (ValueError, OverflowError):
        message = "起始时间格式不正确，应如 2025-03-12 或 2025-03-12T09:30:00+08:00"
        raise Refused([Problem(message, "since")]) from None
