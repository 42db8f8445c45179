"""Machinery that knows tables but no screen."""
