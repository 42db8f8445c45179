"""Whether the migrations lead to the models: `flask db upgrade` and `flask db check` on an empty SQLite database."""

from tempfile import TemporaryDirectory

import flask_migrate

from run import create_app


def main() -> None:
    """Fails, naming each difference, where a revision is missing."""
    with TemporaryDirectory() as folder:
        app = create_app({"GUARANTEE_DATA": folder, "DATABASE_URL": ""})
        with app.app_context():
            flask_migrate.upgrade()
            flask_migrate.check()


main()
