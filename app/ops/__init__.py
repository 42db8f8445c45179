"""The running installation: release, server, health, housekeeping, the demo."""
