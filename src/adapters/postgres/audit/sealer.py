"""Seals audit entries: claims the unsealed ones, makes each a leaf of a Merkle tree, signs the root.

Entries are claimed from a queue, never read by a cursor: a cursor skips what commits late. The write path takes no lock
for this, and the order of the seals is the order of the history.
"""

from datetime import datetime
from typing import Final

from adapters.postgres.audit.entries import COLUMNS, entry
from adapters.postgres.audit.keys import AuditKey
from adapters.postgres.connection import Connection
from adapters.postgres.outbox.locks import SEAL
from bizcore.audit import NO_ROOT, Seal, merkle_root
from bizcore.faults import fault
from bizcore.ids import new_id

BATCH: Final = 1_000

CLAIM = f"""
    WITH claimed AS (
        DELETE FROM audit.unsealed WHERE entry_id IN (
            SELECT entry_id FROM audit.unsealed ORDER BY entry_id LIMIT {BATCH})
        RETURNING entry_id)
    SELECT {COLUMNS} FROM claimed JOIN audit.entry e ON e.id = claimed.entry_id ORDER BY e.id"""

LAST = "SELECT number, root FROM audit.seal ORDER BY number DESC LIMIT 1"

INSERT_SEAL = """
    INSERT INTO audit.seal (id, number, root, previous_root, leaf_count, sealed_at, key_id, signature)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"""

INSERT_LEAVES = """
    INSERT INTO audit.leaf (seal_id, leaf_index, entry_id, hash)
    SELECT $1, place - 1, entry_id, hash
    FROM unnest($2::uuid[], $3::bytea[]) WITH ORDINALITY AS leaf (entry_id, hash, place)"""


async def seal_batch(connection: Connection, key: AuditKey, at: datetime) -> Seal | None:
    """Seal up to BATCH entries in a transaction of its own; None when there is nothing to seal, or another does it."""
    async with connection.transaction():
        if not await connection.fetchval(SEAL.attempt):
            return None
        entries = [entry(row) for row in await connection.fetch(CLAIM)]
        if not entries:
            return None
        fault("sealer.after_claim")
        last = await connection.fetchrow(LAST)
        hashes = [each.hash() for each in entries]
        seal = Seal(
            number=last["number"] + 1 if last else 1,
            root=merkle_root(hashes),
            previous_root=last["root"] if last else NO_ROOT,
            leaf_count=len(entries),
            sealed_at=at,
            key_id=key.id,
        )
        seal_id = new_id()
        await connection.execute(
            INSERT_SEAL,
            seal_id,
            seal.number,
            seal.root,
            seal.previous_root,
            seal.leaf_count,
            seal.sealed_at,
            seal.key_id,
            key.sign(seal.statement()),
        )
        await connection.execute(INSERT_LEAVES, seal_id, [each.id for each in entries], hashes)
        fault("sealer.before_commit")
    return seal
