"""How stock is kept and valued."""
