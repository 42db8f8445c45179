"""Jobs: asked for, taken, done once, whoever dies meanwhile."""
