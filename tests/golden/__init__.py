"""Golden tables: who may do, see and write what, worked out by asking the code, kept as text, reviewed like code."""
