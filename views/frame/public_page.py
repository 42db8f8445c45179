"""Pages for people who have not signed in: a form, and what is said when it is done."""

from collections.abc import Mapping, Sequence

from flask import render_template, url_for

from app.core.words import _
from app.web.forms import RecordForm
from app.web.pages import Button, FormPage, FormSection, Link, Notice
from models.rules.problem import Problem


def parts(form: RecordForm, names: Mapping[str, Sequence[str]], *, note: str = "") -> tuple[FormSection, ...]:
    """The sections of a form by title; `note` stands in the last one."""
    made = []
    for index, (title, boxes) in enumerate(names.items()):
        last = index == len(names) - 1
        made.append(FormSection(title, f"part-{index}", tuple(form[name] for name in boxes), note=note if last else ""))
    return tuple(made)


def ask(
    form: RecordForm,
    *,
    title: str,
    sections: tuple[FormSection, ...],
    action_url: str,
    label: str,
    lead: str = "",
    found: Sequence[Problem] = (),
    hidden: tuple[tuple[str, str], ...] = (),
    notices: tuple[Notice, ...] = (),
    multipart: bool = False,
    close_url: str = "",
) -> str:
    """Render a form with the problems at their boxes; without a `close_url` it leads back to the sign-in page."""
    page = FormPage(
        title=title,
        action_url=action_url,
        sections=sections,
        buttons=(Button("then", "save", label, "primary"),),
        close_url=close_url or url_for("SignInView.login"),
        problems=_in_order(form.show(found), sections),
        hidden=hidden,
        notices=notices,
        multipart=multipart,
    )
    return render_template("public/form.html", page=page, form=form, lead=lead, title=title)


def _in_order(shown: tuple[tuple[str, str], ...], sections: tuple[FormSection, ...]) -> tuple[tuple[str, str], ...]:
    order = [box.id for part in sections for box in part.fields]
    return tuple(sorted(shown, key=lambda each: order.index(each[0]) if each[0] in order else -1))


def done(title: str, text: str, link: Link | None = None) -> str:
    """Render what has been done, and where to go from here."""
    return render_template("public/done.html", title=title, text=text, link=link)


def sign_in_link() -> Link:
    """The way back to the sign-in page."""
    return Link(_("前往登录"), url_for("SignInView.login"))
