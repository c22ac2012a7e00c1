"""The work of a command with every context's stores."""

from collections.abc import Collection
from uuid import UUID

from adapters.postgres.procurement.commitments import PostgresCommitments
from adapters.postgres.procurement.goods import read_goods
from adapters.postgres.procurement.requisitions import PostgresRequisitions
from adapters.postgres.work import PostgresWork
from contexts.procurement.domain.goods import Goods


class TenantWork(PostgresWork):
    """Each property is the store that a context's own `Work` protocol names."""

    # -- procurement -----------------------------------------------------------------------------------------------

    @property
    def requisitions(self) -> PostgresRequisitions:
        return PostgresRequisitions(self)

    @property
    def commitments(self) -> PostgresCommitments:
        return PostgresCommitments(self)

    async def goods(self, *, items: Collection[UUID], units: Collection[UUID]) -> Goods:
        return await read_goods(self, items, units)
