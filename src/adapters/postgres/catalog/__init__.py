"""The catalog on PostgreSQL: what the services compose."""

from adapters.postgres.catalog.catalogue import PART
from adapters.postgres.catalog.standard import load_standard

__all__ = ["PART", "load_standard"]
