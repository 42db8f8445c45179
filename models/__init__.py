"""What things are: one noun a file."""
