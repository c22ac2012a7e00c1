"""The buying department, with people who keep its books and pay."""

from tests.procurement.conftest import crowd, department

__all__ = ["crowd", "department"]
