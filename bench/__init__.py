"""How quick the system is with very many letters: built by bulk inserts, asked through the real application."""
