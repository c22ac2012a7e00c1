"""Catalog: what is bought, stocked and sold, and the units it is measured in."""
