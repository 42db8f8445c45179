"""Fixtures: databases of both kinds, the demo on a cloned database, the application, a live server, Chromium."""

pytest_plugins = ("tests.databases", "tests.installations", "tests.furnished", "tests.servers", "tests.bare")
