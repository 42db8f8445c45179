"""公开查验: anyone checks a letter by its number and code, without signing in, seeing as little as will do."""

from typing import Any, ClassVar

from flask import abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField

from app.core.clock import today
from app.core.words import _
from app.letters import verification
from app.letters.verification import Verified
from app.people import throttle
from app.web import cells
from app.web.pages import Cell, Fact
from models.grammar.appbuilder import BaseView, expose
from models.grammar.fields import Look
from models.letters.standing import LABELS, TONES
from models.modes.letter import Letter
from models.rules import money

LIMIT, PER_SECONDS = 30, 60
NOT_FOUND = "未查到相符的保函，请核对保函编号和验证码"


class NumberForm(FlaskForm):
    """The two boxes of the public page."""

    class Meta(FlaskForm.Meta):
        csrf = False

    number = StringField(lazy_gettext("保函编号"))
    code = StringField(lazy_gettext("验证码"))


class VerificationView(BaseView):
    """The public page and its JSON twin; a wrong code and an unknown number answer alike."""

    route_base = "/verify"
    public: ClassVar = frozenset({"form", "letter", "letter_json"})

    @expose("/")
    def form(self) -> ResponseReturnValue:
        """The form, or the answer to ?number=…&code=…."""
        number, code = request.args.get("number", "").strip(), request.args.get("code", "").strip()
        asked = request.args.keys() & {"number", "code"}
        return self._page(number, code) if asked else self._render("", "", None)

    @expose("/<number>")
    def letter(self, number: str) -> ResponseReturnValue:
        """What the QR code on the letter opens."""
        return self._page(number, request.args.get("code", "").strip())

    @expose("/<number>.json")
    def letter_json(self, number: str) -> ResponseReturnValue:
        """The same answer for programs; with ?sha256=… also what the paper with this hash is."""
        found = self._find(number, request.args.get("code", "").strip())
        if found is None:
            return jsonify(message=_(NOT_FOUND)), 404
        sha256 = request.args.get("sha256", "").strip()
        return jsonify(found.as_json() | ({"file": found.says_of(sha256)} if sha256 else {}))

    def _page(self, number: str, code: str) -> ResponseReturnValue:
        if not number or not code:
            return self._render(number, code, None, asked=True), 422
        found = self._find(number, code)
        return self._render(number, code, found, missed=found is None), 404 if found is None else 200

    def _find(self, number: str, code: str) -> Verified | None:
        if not throttle.allow(f"verify:{request.remote_addr}", LIMIT, PER_SECONDS):
            abort(429)
        return verification.look_up(number[:40], code[:40], today())

    def _render(
        self, number: str, code: str, found: Verified | None, *, asked: bool = False, missed: bool = False
    ) -> str:
        result: dict[str, Any] | None = None
        if found is not None:
            result = {
                "state_tag": Cell(_(LABELS[found.standing]), Look.TAG, TONES.get(found.standing, "gray")),
                "facts": facts(found),
                "sha256": found.sha256,
                "superseded": " ".join(sha256 for _no, sha256 in found.superseded),
                "notice": _(found.notice) if found.notice else "",
            }
        form = NumberForm(data={"number": number, "code": code})
        for box in form if asked else ():
            box.errors = () if box.data else (_("请输入%(name)s", name=box.label.text),)
        return render_template(
            "public/verify.html",
            form=form,
            result=result,
            not_found_text=_(NOT_FOUND) if missed else "",
            page_title=_("保函查验"),
        )


def facts(found: Verified) -> tuple[Fact, ...]:
    """What the public sees: enough to know the paper, nothing of people or premium.

    The paper of a backfilled letter carries its guarantor's number, not ours.
    """
    own = (Fact(cells.label(Letter, "policy_no"), Cell(found.policy_no, Look.CODE)),)
    settled = (Fact(cells.label(Letter, "settled_on"), Cell(cells.day(found.settled_on), Look.DATE)),)
    return (
        Fact(_("保函编号"), Cell(found.letter_no, Look.CODE)),
        *(own if found.backfilled else ()),
        Fact(cells.label(Letter, "product"), Cell(_(found.product))),
        Fact(_("保证人"), Cell(found.guarantor)),
        Fact(_("申请人"), Cell(found.applicant)),
        Fact(_("受益人"), Cell(found.beneficiary)),
        Fact(_("工程名称"), Cell(found.project)),
        Fact(_("保额(万元)"), Cell(money.show(found.amount, "万元"), Look.MONEY)),
        *((Fact(_("已赔付(万元)"), Cell(money.show(found.paid, "万元"), Look.MONEY)),) if found.paid else ()),
        Fact(_("担保期限"), Cell(_("%(start)s 至 %(end)s", start=found.starts_on, end=found.ends_on), Look.DATE)),
        *(_pause_facts(found) if found.paused_from is not None else ()),
        *(_version_facts(found) if found.version > 1 else ()),
        *(settled if found.backfilled else ()),
    )


def _pause_facts(found: Verified) -> tuple[Fact, ...]:
    """That the letter rests, and that its beneficiary may claim all the same."""
    said = _("自 %(day)s 起暂停，暂停期间受益人仍可索赔", day=found.paused_from)
    return (Fact(_("暂停"), Cell(said), wide=True),)


def _version_facts(found: Verified) -> tuple[Fact, ...]:
    """Of a letter that was amended: which version holds, and that the papers of the others do not."""
    holds = _("第 %(no)s 版，此前各版本的文件已被取代", no=found.version)
    return (Fact(_("现行版本"), Cell(holds), wide=True),)
