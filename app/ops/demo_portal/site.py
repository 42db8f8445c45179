"""The portal's addresses: its pages, and what programs ask of it. A WSGI application of its own, without a database."""

import json
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader
from werkzeug.exceptions import BadRequest, HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from app.ops.demo_portal.citizens import Citizen
from app.ops.demo_portal.provider import Provider
from app.web.headers import ALWAYS, CONTENT_SECURITY
from models.grammar.viewer import COMPANY_ROLES, ROLE_LABELS

HERE = Path(__file__).parent
STATIC = HERE.parents[1] / "web" / "static"
SERVED = {"css/app.css", "css/bare.css", "css/portal.css", "img/down.svg"}
COOKIE = "portal_session"
MOST_SESSIONS = 1000
ROLES = {role: label for role, label in ROLE_LABELS.items() if role in COMPANY_ROLES}
TILES = (
    "海南领事业务服务平台",
    "海南省人力资源和社会保障政务服务平台",
    "海南省投资项目在线审批监管平台",
    "外国人来华工作管理服务系统",
    "海南警民通",
    "海南省环保企业服务中心",
    "海南省小客车保有量调控管理信息系统",
    "生态环境部政务服务大厅",
    "国家药监局网上办事大厅",
    "工业和信息化部政务服务行政许可平台",
    "健康码",
    "财政会计行业管理系统",
    "社保局待遇领取资格人脸识别认证",
    "海南省电子税务系统",
    "海南省建筑工程评选申请平台",
    "海南省工资支付监管平台",
    "海南省道路运输企业自助服务平台",
    "博鳌乐城先行区极简审批2.0一体化平台",
    "海南省不动产登记综合服务平台",
    "造价企业诚信登记（临时）",
    "海南电子劳动合同平台",
    "海南省考试局门户网站",
)
MODULES = (
    "海南省建筑工程监理工作监管系统",
    "海南省建筑施工特种作业人员电子证书系统",
    "建筑工程安全管理人员培训管理系统",
    "企业资质动态检查管理系统",
    "全装修分户验收监管系统",
    "劳动竞赛管理系统",
)
AREAS = ("工程管理", "数字化审图及装配式建筑管理", "工地智慧管理", "建筑市场信用管理", "数据资源中心", "可视化中心")

RULES = Map(
    [
        Rule("/", endpoint="home"),
        Rule("/free-trade-port", endpoint="port"),
        Rule("/free-trade-port/topics", endpoint="topics"),
        Rule("/free-trade-port/topics/one-stop", endpoint="one_stop"),
        Rule("/platform", endpoint="platform"),
        Rule("/sign-in", endpoint="sign_in", methods=["GET", "POST"]),
        Rule("/sign-out", endpoint="sign_out"),
        Rule("/.well-known/openid-configuration", endpoint="description"),
        Rule("/oidc/authorize", endpoint="authorize"),
        Rule("/oidc/token", endpoint="token", methods=["POST"]),
        Rule("/oidc/userinfo", endpoint="userinfo"),
        Rule("/oidc/keys", endpoint="keys"),
        Rule("/ticket/sign-in", endpoint="ticket_sign_in"),
        Rule("/ticket/token", endpoint="ticket_token", methods=["POST"]),
        Rule("/ticket/person", endpoint="ticket_person", methods=["POST"]),
        Rule("/static/<any(css, img):folder>/<name>", endpoint="static"),
    ]
)


class Site:
    """The portal as a web site; `citizens` are who may sign in there."""

    def __init__(self, provider: Provider, citizens: Iterable[Citizen], *, system: str) -> None:
        self.provider, self._system = provider, system
        self._citizens = {each.subject: each for each in citizens}
        self._sessions: dict[str, tuple[Citizen, str]] = {}
        self._templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
        policy = f"{CONTENT_SECURITY} {system}"
        self._headers = {**ALWAYS, "Content-Security-Policy": policy, "Cache-Control": "no-store"}

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        request.max_content_length = 64 * 1024
        try:
            endpoint, values = RULES.bind_to_environ(environ).match()
            answer: Any = self._serves(endpoint)(request, **values)
        except HTTPException as refused:
            answer = self._page(request, "refused", status=refused.code or 400, message=refused.description)
        for name, value in self._headers.items():
            answer.headers.setdefault(name, value)
        found: Iterable[bytes] = answer(environ, start_response)
        return found

    def _serves(self, endpoint: str) -> Callable[..., Response]:
        found: Callable[..., Response] = getattr(self, f"_{endpoint}")
        return found

    def _home(self, request: Request) -> Response:
        return self._page(request, "home")

    def _port(self, request: Request) -> Response:
        return self._page(request, "links", title="自贸港服务", links=(("主题集成", "/free-trade-port/topics"),))

    def _topics(self, request: Request) -> Response:
        links = (("一网通办", "/free-trade-port/topics/one-stop"),)
        return self._page(request, "links", title="主题集成", links=links)

    def _one_stop(self, request: Request) -> Response:
        return self._page(request, "tiles", title="一网通办", tiles=TILES)

    def _platform(self, request: Request) -> Response:
        _citizen, role = self._signed_in(request) or (None, "")
        way = f"{self._system}/sign-on?{f'role={role}&' if role else ''}next={quote('/', safe='')}"
        return self._page(request, "platform", modules=MODULES, areas=AREAS, way=way)

    def _sign_in(self, request: Request) -> Response:
        given = request.form if request.method == "POST" else request.args
        then, role = _own(given.get("then", "/")), given.get("role", "")
        role = role if role in ROLES else ""
        if request.method == "GET":
            return self._page(request, "sign_in", then=then, role=role, citizens=self._citizens.values())
        citizen = self._citizens.get(given.get("subject", ""))
        if citizen is None:
            raise BadRequest("请选择登录人员")
        answer = redirect(then, 303)
        answer.set_cookie(COOKIE, self._remember(citizen, role), httponly=True, samesite="Lax")
        return answer

    def _sign_out(self, request: Request) -> Response:
        self._sessions.pop(request.cookies.get(COOKIE, ""), None)
        wanted = request.args.get("post_logout_redirect_uri") or request.args.get("redirect") or "/"
        answer = redirect(wanted if wanted.startswith(f"{self._system}/") else "/", 303)
        answer.delete_cookie(COOKIE)
        return answer

    def _description(self, request: Request) -> Response:
        return _json(self.provider.description())

    def _keys(self, request: Request) -> Response:
        return _json(self.provider.keys())

    def _authorize(self, request: Request) -> Response:
        asked = request.args.to_dict()
        fault = self.provider.faults(asked)
        if fault:
            raise BadRequest(fault)
        came = self._signed_in(request)
        return redirect(self.provider.with_code(came[0], asked), 303) if came else self._ask(request)

    def _token(self, request: Request) -> Response:
        basic = request.authorization
        client = (basic.username or "", basic.password or "") if basic and basic.type == "basic" else ("", "")
        posted = (request.form.get("client_id", ""), request.form.get("client_secret", ""))
        return _json(*self.provider.exchange(request.form.to_dict(), client if client[0] else posted))

    def _userinfo(self, request: Request) -> Response:
        bearer = request.authorization
        return _json(*self.provider.about((bearer.token or "") if bearer and bearer.type == "bearer" else ""))

    def _ticket_sign_in(self, request: Request) -> Response:
        asked = request.args.to_dict()
        if not self.provider.may_have_ticket(asked):
            raise BadRequest("接入系统未登记，或返回地址不正确")
        came = self._signed_in(request)
        return redirect(self.provider.with_ticket(came[0], asked["redirect"]), 303) if came else self._ask(request)

    def _ticket_token(self, request: Request) -> Response:
        return _json(self.provider.token_for(request.form.to_dict()))

    def _ticket_person(self, request: Request) -> Response:
        return _json(self.provider.person_of(request.form.to_dict()))

    def _static(self, request: Request, folder: str, name: str) -> Response:
        if f"{folder}/{name}" not in SERVED:
            raise NotFound
        kind = "text/css" if folder == "css" else "image/svg+xml"
        return Response((STATIC / folder / name).read_bytes(), mimetype=kind)

    def _ask(self, request: Request) -> Response:
        """Have the person sign in here first, and come back to this very address."""
        role = request.args.get("role", "")
        return redirect(f"/sign-in?role={quote(role)}&then={quote(request.full_path, safe='')}", 303)

    def _signed_in(self, request: Request) -> tuple[Citizen, str] | None:
        return self._sessions.get(request.cookies.get(COOKIE, ""))

    def _remember(self, citizen: Citizen, role: str) -> str:
        if len(self._sessions) >= MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        secret = secrets.token_urlsafe(24)
        self._sessions[secret] = (citizen, role)
        return secret

    def _page(self, request: Request, name: str, *, status: int = 200, **shown: Any) -> Response:
        came = self._signed_in(request)
        who = {"citizen": came[0], "as_role": ROLES.get(came[1], "")} if came else {}
        here = quote(request.full_path.rstrip("?"), safe="")
        text = self._templates.get_template(f"{name}.html").render(roles=ROLES, here=here, **who, **shown)
        return Response(text, status=status, mimetype="text/html")


def _own(address: str) -> str:
    """A path of this site, else its first page."""
    plain = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if plain and address.isprintable() else "/"


def _json(said: Any, status: int = 200) -> Response:
    return Response(json.dumps(said, ensure_ascii=False), status=status, mimetype="application/json")
