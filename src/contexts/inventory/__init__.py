"""Inventory: what lies where, and what it is worth."""
