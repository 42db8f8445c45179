"""The running installation: release, server, health, cleanup, the demo."""
