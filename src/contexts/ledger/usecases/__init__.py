"""The commands of the ledger, one subject per file, with their handlers and effects."""
