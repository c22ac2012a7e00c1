"""SQLAlchemy's asyncpg dialect without its questions to each database before first use: nothing of ours needs them."""

from typing import Any, Final

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import Connection

SERVER_VERSION: Final = (18,)


class TenantDialect(PGDialect_asyncpg):
    """json and jsonb stay the text that asyncpg brings: our own reads decode it once, lists pass it through."""

    supports_statement_cache = True

    def initialize(self, connection: Connection) -> None:
        # Of the answers to its questions only these two change what SQLAlchemy composes; a server that takes standard
        # strings for anything else has not been made since PostgreSQL 9.1.
        self.server_version_info = SERVER_VERSION
        self._backslash_escapes = False

    async def setup_asyncpg_json_codec(self, conn: Any) -> None:
        pass

    async def setup_asyncpg_jsonb_codec(self, conn: Any) -> None:
        pass


registry.register("postgresql.tenant", __name__, TenantDialect.__name__)
URL: Final = "postgresql+tenant://"
