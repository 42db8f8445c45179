"""企业注册: a company registers itself and waits for its regulator's admission."""

from typing import ClassVar

from flask.typing import ResponseReturnValue
from flask_appbuilder.baseviews import BaseView, expose
from flask_babel import gettext as _

from views import public_page


class RegistrationView(BaseView):
    """The public registration."""

    route_base = ""
    default_view = "register"
    public: ClassVar = frozenset({"register"})

    @expose("/register")
    def register(self) -> ResponseReturnValue:
        """Who registers companies for now."""
        return public_page.done(_("企业注册"), _("请联系平台管理员登记单位并领取账号"), public_page.sign_in_link())
