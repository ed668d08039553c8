"""A stand-in of the Lexware Office Public API, written from its published facts, never from a client of it."""
