"""语言: the choice of the language in which the system speaks; what people have typed stays as it is."""

from typing import ClassVar

from flask import abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from models.grammar.appbuilder import BaseView, expose
from views.sign_in import on_this_site


class LanguageView(BaseView):
    """The switch in the account menu and on the pages without sign-in."""

    route_base = "/language"
    public: ClassVar = frozenset({"switch"})

    @expose("/<locale>")
    def switch(self, locale: str) -> ResponseReturnValue:
        """Speak this language from now on, and go on where one was (?next=)."""
        if locale not in current_app.config["LANGUAGES"]:
            abort(404)
        session["locale"] = locale
        return redirect(on_this_site(request.args.get("next", "")) or url_for("WorkbenchView.index"))
