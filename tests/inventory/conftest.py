"""The buying department."""

from tests.procurement.conftest import department

__all__ = ["department"]
