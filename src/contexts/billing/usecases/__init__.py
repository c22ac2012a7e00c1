"""What may be asked of billing, in the order of a paper's life."""
