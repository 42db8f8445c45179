"""What the product relies on in Flask-AppBuilder, name by name: an upgrade that breaks one of them is told here."""

import ast
import inspect
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Flask, session, url_for
from flask.testing import FlaskClient
from flask_babel import get_locale
from flask_login import current_user, login_user
from sqlalchemy import inspect as inspect_database
from sqlalchemy import select

from app.core.database import db, init_database, writing
from app.core.viewer import set_viewer
from app.people import permissions
from app.people.security import SecurityManager, held_permissions
from config import Config
from models.grammar import appbuilder
from models.grammar.appbuilder import LOGGER, SQLA, AppBuilder, BaseView, Model, Role, User, expose
from models.grammar.appbuilder import SecurityManager as StoredSecurity
from models.grammar.viewer import ADMIN

STUB = ast.parse(Path(appbuilder.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
COLUMNS = {
    "ab_user": {"id", "username", "password", "active", "email", "first_name", "last_name"},
    "ab_role": {"id", "name"},
    "ab_permission": {"id", "name"},
    "ab_view_menu": {"id", "name"},
    "ab_permission_view": {"id", "permission_id", "view_menu_id"},
    "ab_permission_view_role": {"role_id", "permission_view_id"},
    "ab_user_role": {"user_id", "role_id"},
}
SHEETS = ("css/bootstrap.min.css", "css/fontawesome/fontawesome.min.css", "css/fontawesome/solid.min.css")


def allowed(permission: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Name the permission of a method as `views.frame.access` does."""

    def mark(method: Callable[..., Any]) -> Callable[..., Any]:
        method._permission_name = permission  # type: ignore[attr-defined]
        return method

    return mark


class DeskView(BaseView):
    route_base = ""
    default_view = "index"

    @expose("/")
    def index(self) -> str:
        return "desk"


class ShelfView(BaseView):
    """A screen as ours are: marked methods, one of them excluded."""

    route_base = "/shelf"
    opens: ClassVar = {"look": frozenset({ADMIN})}
    menu_roles = frozenset({ADMIN})
    menu_label, menu_category = "书架", "书房"
    exclude_route_methods: ClassVar = {"burn"}

    @expose("/list/")
    @allowed("look")
    def list(self) -> str:
        return "books"

    @expose("/add", methods=["GET", "POST"])
    @allowed("put")
    def add(self) -> str:
        return "added"

    @expose("/burn", methods=["POST"])
    @allowed("burn")
    def burn(self) -> str:
        return "burnt"


class LongShelfView(ShelfView):
    """A screen that answers one address of its kind in its own way."""

    route_base = "/long-shelf"

    @expose("/list/")
    @allowed("look")
    def list(self) -> str:
        return f"more {super().list()}"


class DoorView(BaseView):
    route_base = ""
    default_view = "login"

    @expose("/login/<int:key>")
    def login(self, key: int) -> str:
        user = db.session.get(User, key)
        assert user is not None
        return "in" if login_user(user) else "out"

    @expose("/who")
    def who(self) -> str:
        return str(current_user.id) if current_user.is_authenticated else "nobody"

    @expose("/held")
    def held(self) -> list[Any]:
        return sorted(held_permissions())

    @expose("/speak/<locale>")
    def speak(self, locale: str) -> str:
        session["locale"] = locale
        return locale

    @expose("/spoken")
    def spoken(self) -> str:
        return str(get_locale())


def start(folder: Path) -> Flask:
    """An application of the framework alone, with our settings and our security, on an empty database."""
    app = Flask("bare", root_path=str(Path(__file__).parent))
    app.config.from_object(Config({"GUARANTEE_DATA": str(folder)}))
    init_database(app)
    with app.app_context():
        registry = AppBuilder(indexview=DeskView, security_manager_class=SecurityManager)
        registry.init_app(app, db.session)
        registry.sm.auth_view = registry.add_view_no_menu(DoorView)
        registry.add_view(LongShelfView, "长书架", icon="fa-book", label="长书架", category="书房")
        registry.add_view(
            ShelfView, "书架", label="书架", category="书房", category_icon="fa-house", category_label="书房"
        )
    return app


def close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = start(tmp_path_factory.mktemp("bare"))
    yield app
    close(app)


@pytest.fixture(scope="module")
def stored(bare: Flask) -> Flask:
    """The same with the tables of the store, filled by our release step, and two users: one active, one not."""
    with bare.app_context():
        db.metadata.create_all(db.engine, tables=[table for name, table in db.metadata.tables.items() if _is_ab(name)])
        permissions.sync(registry_of(bare))
        with writing():
            db.session.rollback()
            role = db.session.scalars(select(Role).where(Role.name == ADMIN)).one()
            role.user += [_user(1, active=True), _user(2, active=False)]
            db.session.commit()
    return bare


@pytest.fixture
def visitor(stored: Flask) -> FlaskClient:
    set_viewer(None)  # requests of test clients leave in this context who was at work, and this application has no hook
    return stored.test_client()


def registry_of(app: Flask) -> AppBuilder:
    return app.extensions["appbuilder"]


def screen(app: Flask, name: str) -> BaseView:
    return next(view for view in registry_of(app).baseviews if type(view).__name__ == name)


def _is_ab(name: str) -> bool:
    return name.startswith("ab_")


def _user(key: int, *, active: bool) -> User:
    return User(
        id=key,
        username=f"user{key}",
        first_name="",
        last_name=f"用户{key}",
        email=f"{key}@accounts.invalid",
        active=active,
        password="",
    )


def declared() -> list[tuple[str, str]]:
    """(class, member) of everything that the stub names in a class."""
    return [
        (each.name, member.target.id if isinstance(member, ast.AnnAssign) else member.name)
        for each in STUB.body
        if isinstance(each, ast.ClassDef)
        for member in each.body
        if isinstance(member, ast.FunctionDef | ast.AnnAssign)
    ]


def functions() -> list[tuple[str, ast.FunctionDef]]:
    """(class or "", function) of everything that is called."""
    inner = [(each.name, member) for each in STUB.body if isinstance(each, ast.ClassDef) for member in each.body]
    every = [*inner, *(("", each) for each in STUB.body)]
    return [(name, member) for name, member in every if isinstance(member, ast.FunctionDef)]


def things(app: Flask) -> dict[str, Any]:
    """One of each class of the stub, as it is in a running application; the tables' classes stand for themselves."""
    registry = registry_of(app)
    right = Role.permissions.property.mapper.class_
    permission, screens = (getattr(right, name).property.mapper.class_ for name in ("permission", "view_menu"))
    assert hasattr(screens, "name")
    return {
        "Model": Model,
        "User": User,
        "Role": Role,
        "_Right": right,
        "_Named": permission,
        "SQLA": db,
        "SecurityManager": registry.sm,
        "AppBuilder": registry,
        "BaseView": screen(app, "ShelfView"),
        "_Menu": registry.menu,
        "_MenuItem": registry.menu.get_list()[0],
    }


def test_every_name_of_the_stub_is_there(bare: Flask) -> None:
    with bare.app_context():
        known = things(bare)
        assert [f"{owner}.{name}" for owner, name in declared() if not hasattr(known[owner], name)] == []


def test_every_function_of_the_stub_takes_the_arguments_that_we_give(bare: Flask) -> None:
    known, wrong = things(bare), []
    for owner, function in functions():
        holder = StoredSecurity if owner == "SecurityManager" else known.get(owner, appbuilder)
        holder = type(holder) if function.name == "__init__" else holder
        if any(isinstance(each, ast.Name) and each.id == "property" for each in function.decorator_list):
            continue
        taken = inspect.signature(getattr(holder, function.name)).parameters
        given = [each.arg for each in (*function.args.args, *function.args.kwonlyargs) if each.arg != "self"]
        wrong += [f"{owner}.{function.name}({name})" for name in given if name not in taken]
    assert wrong == []


def test_the_stub_and_the_room_name_the_same(bare: Flask) -> None:
    classes = {each.name for each in STUB.body if isinstance(each, ast.ClassDef)}
    assert classes == set(things(bare))
    assert set(appbuilder.__all__) == {name for name in classes if not name.startswith("_")} | {"LOGGER", "expose"}


def test_the_database_is_an_extension_that_knows_the_tables_of_the_store_and_ours(bare: Flask) -> None:
    assert isinstance(db, SQLA)
    assert {"ab_user", "account"} <= set(db.metadata.tables)
    with bare.app_context():
        assert db.session.scalar(select(1)) == 1


@pytest.mark.parametrize("table", sorted(COLUMNS))
def test_a_table_of_the_store_has_the_columns_that_our_statements_name(table: str) -> None:
    assert COLUMNS[table] <= set(Model.metadata.tables[table].columns.keys())


def test_starting_writes_nothing_and_makes_no_table(tmp_path: Path) -> None:
    app = start(tmp_path)
    with app.app_context():
        assert inspect_database(db.engine).get_table_names() == []
    close(app)


def test_its_own_screens_stay_out_but_for_the_language_and_the_way_back(bare: Flask) -> None:
    names = {type(view).__name__ for view in registry_of(bare).baseviews}
    assert names == {"DeskView", "UtilView", "LocaleView", "DoorView", "LongShelfView", "ShelfView"}
    assert {rule.endpoint.split(".")[0] for rule in bare.url_map.iter_rules()} == names | {"appbuilder", "static"}


def test_the_registry_is_an_extension_with_our_security_and_the_sign_in_view(bare: Flask) -> None:
    security = registry_of(bare).sm
    assert type(security) is SecurityManager
    assert security.auth_view is screen(bare, "DoorView")


def test_a_registered_screen_is_one_instance_known_by_its_class_name(bare: Flask) -> None:
    view = screen(bare, "ShelfView")
    assert isinstance(view, ShelfView)
    assert (view.endpoint, view.class_permission_name) == ("ShelfView", "ShelfView")
    assert view.appbuilder is registry_of(bare)


def test_a_permission_is_named_by_the_marked_methods_but_not_by_excluded_ones(bare: Flask) -> None:
    assert set(screen(bare, "ShelfView").base_permissions) == {"can_look", "can_put"}


def test_an_address_is_an_exposed_method_below_the_route_of_its_screen(bare: Flask) -> None:
    found = {
        rule.endpoint: (rule.rule, rule.methods - {"HEAD", "OPTIONS"})
        for rule in bare.url_map.iter_rules()
        if rule.endpoint.startswith("ShelfView.")
    }
    assert found == {
        "ShelfView.list": ("/shelf/list/", {"GET"}),
        "ShelfView.add": ("/shelf/add", {"GET", "POST"}),
    }


def test_a_screen_may_answer_an_inherited_address_in_its_own_way(stored: Flask, visitor: FlaskClient) -> None:
    assert visitor.get("/long-shelf/list/").text == "more books"
    assert visitor.post("/long-shelf/add").text == "added"
    assert visitor.post("/long-shelf/burn").status_code == 404


def test_the_menu_is_groups_of_items_that_lead_to_their_screens(bare: Flask) -> None:
    (group,) = registry_of(bare).menu.get_list()
    assert (group.name, group.label) == ("书房", "书房")
    with bare.test_request_context():
        shown = [(item.name, item.label, item.baseview.endpoint, item.get_url()) for item in group.childs]
    assert shown == [
        ("长书架", "长书架", "LongShelfView", "/long-shelf/list/"),
        ("书架", "书架", "ShelfView", "/shelf/list/"),
    ]


def test_the_release_writes_permissions_menu_items_and_roles_into_the_store(stored: Flask) -> None:
    security = registry_of(stored).sm
    with stored.app_context():
        role = security.find_role(ADMIN)
        held = {(pair.permission.name, pair.view_menu.name) for pair in role.permissions}
        named = set(db.session.scalars(select(Model.metadata.tables["ab_permission"].c.name)))
        assert {security.find_role(name).name for name in ("Admin", "Public")} == {
            security.auth_role_admin,
            security.auth_role_public,
        }
    assert held == {("can_look", "ShelfView"), ("can_look", "LongShelfView")} | {
        ("menu_access", name) for name in ("书架", "书房")
    }
    assert named == {"can_look", "can_put", "menu_access"}


def test_a_session_is_an_active_user_s_and_ends_with_its_being_active(stored: Flask, visitor: FlaskClient) -> None:
    assert (visitor.get("/login/2").text, visitor.get("/who").text) == ("out", "nobody")
    assert (visitor.get("/login/1").text, visitor.get("/who").text) == ("in", "1")
    assert ["can_look", "ShelfView"] in visitor.get("/held").json
    _set_active(stored, 1, active=False)
    assert (visitor.get("/who").text, visitor.get("/held").json) == ("nobody", [])
    _set_active(stored, 1, active=True)


def _set_active(app: Flask, key: int, *, active: bool) -> None:
    with app.app_context(), writing():
        db.session.rollback()
        db.session.get_one(User, key).active = active
        db.session.commit()


def test_the_session_says_which_language_is_spoken(visitor: FlaskClient) -> None:
    assert visitor.get("/spoken").text == "zh"
    visitor.get("/speak/en")
    assert visitor.get("/spoken").text == "en"


def test_our_catalogues_are_read_after_its_own_and_win(bare: Flask) -> None:
    assert bare.config["BABEL_TRANSLATION_DIRECTORIES"].split(";")[-1] == Config.BABEL_TRANSLATION_DIRECTORIES


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_style_sheet_that_our_pages_link_is_served(bare: Flask, sheet: str) -> None:
    with bare.test_request_context():
        address = url_for("appbuilder.static", filename=sheet)
    assert bare.test_client().get(address, buffered=True).status_code == 200


def test_it_logs_under_the_name_that_we_turn_down(bare: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with bare.app_context(), caplog.at_level(logging.WARNING):
        registry_of(bare).add_view_no_menu(DoorView)
    assert [record.name.split(".")[0] for record in caplog.records] == [LOGGER]
