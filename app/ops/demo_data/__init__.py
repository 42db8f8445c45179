"""The demo's people, companies, works and letters, and how they are played into an empty database."""
