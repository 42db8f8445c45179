"""`make docs`: writes anew what follows from the declarations, the workflows' pictures and the table of event types."""

from docs import events, workflows

for made in (workflows, events):
    made.PAGE.write_text(made.page(), encoding="utf-8")
