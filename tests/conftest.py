"""Fixtures: databases of both kinds, the application on a cloned database, a live server, Chromium."""

pytest_plugins = ("tests.databases", "tests.servers")
