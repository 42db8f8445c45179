"""The dated versions of what the law leaves open: announced, previewed, withdrawn.

A draft of a version enters, its effect on existing records leaves before it is saved.
"""
