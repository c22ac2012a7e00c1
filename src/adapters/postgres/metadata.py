"""The one MetaData of a tenant database, and what a table says of itself beside its columns.

`info["access"]` of a table is what the application role may do: APPEND (read, insert), WRITE (and update), DELETE (and
delete). `info["number"]` of an amount or quantity is "fact" (written once with its document) or "seal" (a subtotal over
closed input); there is no third kind, for derived numbers are computed when they are read.
"""

from typing import Any, Final

from sqlalchemy import BigInteger, Column, MetaData, Numeric

metadata: Final = MetaData()

APPEND: Final = {"access": "append"}
WRITE: Final = {"access": "write"}
DELETE: Final = {"access": "delete"}

FACT: Final = {"number": "fact"}
SEAL: Final = {"number": "seal"}


def amount(name: str, **options: Any) -> Column[int]:
    """An amount in whole minor units of the row's currency, a fact of its document."""
    return Column(name, BigInteger, nullable=False, info=FACT, **options)


def quantity(name: str, **options: Any) -> Column[Any]:
    """An exact decimal quantity, price, rate or percentage, a fact of its document."""
    return Column(name, Numeric, info=FACT, **{"nullable": False, **options})
