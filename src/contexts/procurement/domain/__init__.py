"""What procurement's papers compute and decide."""
