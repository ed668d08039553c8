"""The rules: pure functions of their arguments. No clock, network, file, environment or database in here."""
