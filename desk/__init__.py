"""The eyes: what owners, office and operators see and type."""
