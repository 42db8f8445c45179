"""The guarantee modes, walked from all their sides by real transitions."""
