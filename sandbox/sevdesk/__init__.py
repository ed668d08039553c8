"""A stand-in of the sevDesk API (/api/v1), written from its published facts, never from a client of it."""
