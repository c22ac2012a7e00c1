"""The buying department, with people who keep its books and pay."""

from tests.procurement.conftest import department

__all__ = ["department"]
