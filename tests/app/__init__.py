"""Tests of the machinery: sessions, sign-in, errors, files."""
