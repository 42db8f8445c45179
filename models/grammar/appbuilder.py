"""The one room of Flask-AppBuilder: everything that the product takes of it; nothing else imports the package.

- `Model`: the declarative base whose metadata also hold the tables of accounts and roles, `ab_…`.
- `User`, `Role`: the store of sign-in accounts and of the roles that they hold.
- `SQLA`: Flask-SQLAlchemy's extension, which brings the session.
- `AppBuilder`: the registry of screens, the menu, and the writing of permission names into the store.
- `SecurityManager`: signing a session in, finding and adding roles and permissions; its own screens stay out.
- `BaseView`, `expose`: a screen is a class, its addresses are marked methods, its permissions their names.
- `LOGGER`: the name under which it logs.

Its forms, lists, filters, charts, actions, templates and its API are not used. `appbuilder.pyi` beside this file names
every attribute and argument that is used, with its type; `tests/app/test_appbuilder.py` holds the installed release to
those names and to what we rely on in their behaviour: an upgrade that breaks something is told there.
"""

from flask_appbuilder import AppBuilder, BaseView, Model, expose
from flask_appbuilder.models.sqla.base import SQLA
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import Role, User

LOGGER = "flask_appbuilder"

__all__ = ["LOGGER", "SQLA", "AppBuilder", "BaseView", "Model", "Role", "SecurityManager", "User", "expose"]
