"""The rules of bookkeeping, without a database: periods, entries, posting rules, budgets."""
