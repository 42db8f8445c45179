"""Machine clients: who they are, what they sign with, what they asked for, and what they asked for twice.

A signed request enters, the viewer at work leaves. Secrets are made and opened only here; no session is touched.
"""
