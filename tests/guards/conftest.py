"""The furnished installation of a module, and clients that stay signed in for its whole length."""

from tests.contract.conftest import known, world

__all__ = ["known", "world"]
