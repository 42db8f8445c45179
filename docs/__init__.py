"""The documentation, and the part of it that is drawn from the declarations."""
