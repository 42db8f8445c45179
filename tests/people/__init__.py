"""Signing in, passwords, accounts, registration and roles, through the real application."""
