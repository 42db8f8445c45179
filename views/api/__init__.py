"""The API: its door, what it answers when something is wrong, and what it opens to programs and people."""
