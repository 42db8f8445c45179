"""The one door for changes: a record, a deed and what was typed enter; the changed record or a refusal leaves.

It knows workflows, not what they are about: numbers, cover, papers and people are handed to it by `run.py`.
"""
