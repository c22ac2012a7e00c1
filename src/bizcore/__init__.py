"""The kernel: what every context shares. Pure Python, no framework."""
