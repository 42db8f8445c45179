"""Accounts, sign-in, sessions, permissions, registration and invitations.

Names, passwords and links enter, an account or a viewer leaves. Passwords are checked and changed only here.
"""
