"""What the gateway tells an API by the ASGI scope."""

STALE = "stage.stale"
"""Scope key: answer with the state before the last change."""
