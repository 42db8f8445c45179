"""The API over the records: what programs and people read and write through it."""
