"""PostgreSQL adapters: one folder per context, each with its tables, its stores and its queries."""
