"""The catalog on PostgreSQL: what the services compose."""

from adapters.postgres.catalog.catalogue import RECORDS, REFERENCES, REFUSALS
from adapters.postgres.catalog.standard import load_standard

__all__ = ["RECORDS", "REFERENCES", "REFUSALS", "load_standard"]
