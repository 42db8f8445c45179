"""Uploaded and issued files: bytes enter, a sha256 leaves, and rows that hang it on a record.

A file is durable before the row that names it is committed.
"""
