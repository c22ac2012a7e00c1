"""Parties on PostgreSQL: what the services compose."""

from adapters.postgres.parties.catalogue import PART
from adapters.postgres.parties.standard import load_standard

__all__ = ["PART", "load_standard"]
