"""The letter: its PDF, its signature, its marks and the store that keeps it."""
