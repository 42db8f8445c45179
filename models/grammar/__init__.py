"""The grammar in which records are declared: base, columns, workflow, screen, viewer, national standards."""
