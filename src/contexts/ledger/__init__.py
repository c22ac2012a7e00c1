"""Ledger: accounts, periods, journal entries made by posting rules, budgets and what they still allow."""
