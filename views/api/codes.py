"""动态验证码 over the API: a person shows one, and may then make binding steps for a while, as on the pages."""

from typing import Any

from app.core.refusals import Refused
from app.core.viewer import viewer
from app.core.words import _
from app.web.api_problems import ApiProblem
from models.grammar.appbuilder import expose
from models.grammar.viewer import READ, ROLE_LABELS
from models.grammar.workflow import Transition
from models.rules.problem import Problem
from views.api.door import ApiView, given, nothing, opened
from views.api.operations import WRITING, all_of, body, operation
from views.frame import codes

CODE = "code"


class CodeView(ApiView):
    """The second factor of whoever uses the API with a session."""

    @staticmethod
    def described() -> dict[str, Any]:
        """The operation of its address."""
        schema = all_of({CODE: {"type": "string", "title": _("动态验证码"), "examples": ["123456"]}})
        made = operation(
            "second-factor", "show", _("提交动态验证码"), roles=ROLE_LABELS, answers={204: None}, problems=WRITING
        )
        made["description"] += "\n\n" + _("仅供登录人员使用；其后 15 分钟内可出具、赔付、备案等不可撤销的步骤")
        return {"/second-factor": {"post": {**made, "requestBody": body(schema)}}}

    @expose("/second-factor", methods=["POST"])
    @opened(READ)
    def show(self) -> Any:
        """Take the code: what issues, pays or files may be done within 15 minutes, in this session."""
        if viewer().machine is not None:
            raise ApiProblem(403, "people-only", detail=_("动态验证码由人员使用，接口客户端没有"))
        body = given()
        typed = body.get(CODE)
        if not isinstance(typed, str) or len(body) > 1:
            raise Refused([Problem("请只提供 code，即手机验证器中的 6 位动态验证码", CODE)])
        found = codes.show(typed, CODE)
        if found:
            raise Refused(found)
        return nothing()


def require_shown(transition: Transition) -> None:
    """Let nobody who still owes a code make that step."""
    if codes.is_owed(transition):
        detail = _("该步骤不可撤销，请先以 POST /api/v1/second-factor 提交动态验证码，15 分钟内有效")
        raise ApiProblem(403, "code-owed", detail=detail)
