"""Parties on PostgreSQL: what the services compose."""

from adapters.postgres.parties.catalogue import RECORDS, REFERENCES, REFUSALS
from adapters.postgres.parties.standard import load_standard

__all__ = ["RECORDS", "REFERENCES", "REFUSALS", "load_standard"]
