"""Guarantee modes, one a file."""
