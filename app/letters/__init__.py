"""Letters of guarantee as papers: their text, PDF, signature, marks and public verification.

A letter's record enters, signed bytes or the public's answer leave. It changes no record.
"""
