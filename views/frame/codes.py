"""动态验证码 before a step that cannot be taken back: the box in its form, and how long a shown code counts."""

from dataclasses import replace
from typing import Any

from flask import session
from wtforms import StringField

from app.core.clock import now
from app.core.viewer import set_viewer, viewer, viewer_or_none
from app.core.words import _
from app.people import second_factor, throttle
from app.web import forms
from app.web.forms import RecordForm
from models import signin as outcomes
from models.grammar.fields import Box
from models.grammar.workflow import Transition
from models.rules import one_time_codes
from models.rules.problem import Problem

TRIES, PER_SECONDS = 10, 900
SHOWN = "code_shown"
TOO_MANY = "验证次数过多，请 15 分钟后再试"
_CODE = Box(ui="code", inputmode="text")


def box(label: str, *, help: str = "", has_focus: bool = False) -> Any:
    """A box for a code of the phone or a recovery code."""
    given = {"required": True, "autocomplete": "one-time-code", "help": help, "has_focus": has_focus}
    return forms.plain_box(StringField, label, box=_CODE, **given)


def is_owed(transition: Transition) -> bool:
    """Whether the viewer has to show a code before that step."""
    return transition.binding and viewer().owes_code and not viewer().lacks_factor


def boxes(transition: Transition) -> dict[str, Any]:
    """What the form of the step asks beyond what its record needs."""
    if not is_owed(transition):
        return {}
    help = _("请输入手机验证器中的 6 位动态验证码；手机不在身边时可输入恢复码")
    return {one_time_codes.FIELD: box(_("动态验证码"), help=help)}


def take(form: RecordForm, transition: Transition) -> list[Problem]:
    """Use up the code that was typed into the form of the step; gives what stands against it."""
    if not is_owed(transition):
        return []
    against = show(str(form[one_time_codes.FIELD].data or ""), one_time_codes.FIELD)
    if not against:
        del form[one_time_codes.FIELD]
    return against


def show(typed: str, field: str) -> list[Problem]:
    """Take a code of the viewer's second factor: it counts for a while then; or what stands against it."""
    if not typed.strip():
        return [Problem("请输入动态验证码", field)]
    who = viewer().user_id
    if not throttle.allow(f"one-time code:{who}", TRIES, PER_SECONDS):
        return [Problem(TOO_MANY, field)]
    outcome = second_factor.use(who, typed)
    if outcome not in outcomes.SUCCESSES:
        return [Problem(second_factor.AGAINST[outcome], field)]
    note_shown(who)
    know_of_codes()
    return []


def note_shown(user_id: int) -> None:
    """The session has just seen a code of this account."""
    session[SHOWN] = {"user_id": user_id, "at": now()}


def know_of_codes() -> None:
    """Let the viewer of this request owe no code while the one that its session has seen still counts."""
    who = viewer_or_none()
    if who is None or not who.owes_code or who.lacks_factor:
        return
    shown = session.get(SHOWN)
    if shown is not None and shown["user_id"] == who.user_id and now() - shown["at"] < second_factor.FRESH:
        set_viewer(replace(who, owes_code=False))
