"""What makes up a letter besides its mode: underwriting and backfill (手册 2.2.1.1, 2.2.1.2)."""
