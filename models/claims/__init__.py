"""代偿索赔: what stands before the steps of a claim, what they bring about, and its life (手册 2.2.4)."""
