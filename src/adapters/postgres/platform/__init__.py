"""The platform's own tables and reads; every context's documents stand on them."""
