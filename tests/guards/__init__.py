"""What must hold under load and malice: the one door, the chain, races, threads, statement counts."""
