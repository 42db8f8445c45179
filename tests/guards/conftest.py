"""Clients that stay signed in for the whole length of a module."""

from tests.contract.conftest import known

__all__ = ["known"]
