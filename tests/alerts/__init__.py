"""预警: what the sweep finds, by a clock that moves."""
