"""The connectors that read mail; what must hold for each is proven in its own test module."""

MAILBOXES = {"imap"}

BANKS = {"fints"}
"""Those that read a bank account; likewise."""
