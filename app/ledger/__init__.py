"""What is kept and who may see it: row scope, chained history, relations loaded at once, policy versions.

Every select and every flush of the application enters; only the viewer's rows leave. A record's history is written
here; nobody edits an entry.
"""
