"""What must hold at every address: who may see which row, and who may change it."""
