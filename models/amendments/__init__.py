"""担保调整: what stands before a change of a letter, what it brings about, and its life (手册 2.2.3)."""
