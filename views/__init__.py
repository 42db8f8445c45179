"""Screens: they declare; they do not decide."""
