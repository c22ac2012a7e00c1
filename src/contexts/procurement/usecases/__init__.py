"""What may be asked of procurement, in the order of a paper's life."""
