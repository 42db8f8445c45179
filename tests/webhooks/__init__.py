"""Tests of what is pushed to other systems."""
