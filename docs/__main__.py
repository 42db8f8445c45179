"""`make docs`: draws the workflows anew from their declarations into docs/workflows.md."""

from docs.workflows import PAGE, page

PAGE.write_text(page(), encoding="utf-8")
