"""Every name of Flask-AppBuilder that the product uses, with its type: another one is refused by the type checker.

`tests/app/test_appbuilder.py` reads this file and holds the installed release to it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, scoped_session

_Method = TypeVar("_Method", bound=Callable[..., object])

LOGGER: str

class Model(DeclarativeBase):
    metadata: ClassVar[MetaData]

class User(Model):
    id: Mapped[int]
    username: Mapped[str]
    password: Mapped[str | None]
    active: Mapped[bool]  # may be empty in the store; ours never is
    email: Mapped[str]
    first_name: Mapped[str]
    last_name: Mapped[str]
    changed_on: Mapped[datetime]  # without a zone, in Shanghai: when the password was set
    roles: Mapped[list[Role]]
    @property
    def is_authenticated(self) -> bool: ...
    @property
    def is_active(self) -> bool: ...
    def get_id(self) -> str: ...

class Role(Model):
    id: Mapped[int]
    name: Mapped[str]
    permissions: Mapped[list[_Right]]
    user: Mapped[list[User]]

class _Named(Model):
    name: Mapped[str]

class _Right(Model):
    permission: Mapped[_Named]
    view_menu: Mapped[_Named]

class SQLA(SQLAlchemy): ...

class SecurityManager:
    auth_view: BaseView
    auth_role_admin: str
    auth_role_public: str
    def register_views(self) -> None: ...
    def has_access(self, permission_name: str, view_name: str) -> bool: ...
    def find_role(self, name: str) -> Role | None: ...
    def add_role(self, name: str) -> Role: ...
    def add_permission_view_menu(self, permission_name: str, view_menu_name: str) -> _Right: ...

class _MenuItem:
    name: str
    label: str
    icon: str
    childs: list[_MenuItem]
    baseview: BaseView | None
    def get_url(self) -> str: ...

class _Menu:
    def get_list(self) -> list[_MenuItem]: ...

class AppBuilder:
    sm: SecurityManager
    menu: _Menu
    baseviews: list[BaseView]
    def __init__(self, *, indexview: type[BaseView], security_manager_class: type[SecurityManager]) -> None: ...
    def init_app(self, app: Flask, session: scoped_session[Any]) -> None: ...
    def add_view(
        self,
        baseview: type[BaseView],
        name: str,
        *,
        icon: str = "",
        label: str = "",
        category: str = "",
        category_icon: str = "",
        category_label: str = "",
    ) -> BaseView: ...
    def add_view_no_menu(self, baseview: type[BaseView]) -> BaseView: ...
    def add_permissions(self, *, update_perms: bool) -> None: ...

class BaseView:
    appbuilder: AppBuilder
    endpoint: str
    route_base: str | None
    default_view: str
    base_permissions: list[str] | None
    class_permission_name: str
    exclude_route_methods: ClassVar[set[str]]
    def __init__(self) -> None: ...

def expose(url: str, methods: Sequence[str] = ("GET",)) -> Callable[[_Method], _Method]: ...
