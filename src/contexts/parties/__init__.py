"""Parties: whom the organization buys from and sells to, and on which payment terms."""
