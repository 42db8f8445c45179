"""What the system says, in each of its languages: the catalogues, and how they are kept."""
