"""A bank that speaks FinTS 3.0 with PIN and TAN: one account, read only."""
