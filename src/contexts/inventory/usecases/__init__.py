"""What may be asked of inventory."""
