"""The foreign systems: what we ask of any of them, and one module for each."""
