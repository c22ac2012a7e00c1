"""The buying department that all of procurement and billing is tested with."""

from tests.procurement.conftest import department

__all__ = ["department"]
