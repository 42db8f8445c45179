"""Machine clients: signing, the door of the API, what is done once, and what a machine may do."""
