"""The machinery of screens: list, form, detail, transitions, pickers, imports; the nouns stay beside it."""
