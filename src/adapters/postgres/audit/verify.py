"""Checks a tenant's audit trail against its seals: names what was altered, removed or inserted."""

from collections.abc import AsyncIterator

from adapters.postgres.audit.entries import COLUMNS, entry
from adapters.postgres.audit.keys import AuditKeys
from adapters.postgres.connection import Connection
from bizcore.audit import NO_ROOT, Finding, FindingKind, Leaf, Seal, check_seal

SEALS = """
    SELECT id, number, root, previous_root, leaf_count, sealed_at, key_id, signature FROM audit.seal ORDER BY number"""

LEAVES = f"""
    SELECT l.leaf_index, l.entry_id, l.hash, e.id IS NOT NULL AS present, {COLUMNS}
    FROM audit.leaf l LEFT JOIN audit.entry e ON e.id = l.entry_id WHERE l.seal_id = $1 ORDER BY l.leaf_index"""

STRAY_LEAVES = """
    SELECT l.entry_id FROM audit.leaf l
    WHERE NOT EXISTS (SELECT FROM audit.seal s WHERE s.id = l.seal_id) ORDER BY l.entry_id"""

# Sealed twice, or sealed and queued again: the queue row was put there by hand.
INSERTED = """
    SELECT e.id, e.subject_kind, e.subject_id, e.entry_no FROM audit.entry e
    WHERE (EXISTS (SELECT FROM audit.leaf l WHERE l.entry_id = e.id)) =
          (EXISTS (SELECT FROM audit.unsealed u WHERE u.entry_id = e.id)) ORDER BY e.id"""

QUEUED_AND_GONE = """
    SELECT u.entry_id FROM audit.unsealed u
    WHERE NOT EXISTS (SELECT FROM audit.entry e WHERE e.id = u.entry_id) ORDER BY u.entry_id"""

HOLES = """
    SELECT subject_kind, subject_id, entry_no, before_it FROM (
        SELECT subject_kind, subject_id, entry_no,
               lag(entry_no, 1, 0) OVER (PARTITION BY subject_id ORDER BY entry_no) AS before_it
        FROM audit.entry) numbered
    WHERE entry_no <> before_it + 1 ORDER BY subject_id, entry_no"""

# A document counts its own entries, so a history cut off at its end shows even where nothing was sealed yet.
COUNTS = """
    SELECT d.id, d.entry_no AS counted, coalesce(max(e.entry_no), 0) AS found
    FROM platform.document d LEFT JOIN audit.entry e ON e.subject_id = d.id
    GROUP BY d.id HAVING d.entry_no <> coalesce(max(e.entry_no), 0) ORDER BY d.id"""


async def verify_audit(connection: Connection, keys: AuditKeys) -> AsyncIterator[Finding]:
    """Everything wrong with the trail of one tenant, read in one snapshot of its own."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for finding in check_trail(connection, keys):
            yield finding


async def check_trail(connection: Connection, keys: AuditKeys) -> AsyncIterator[Finding]:
    """The same in the caller's transaction, which must be one snapshot."""
    number, previous_root = 1, NO_ROOT
    for row in await connection.fetch(SEALS):
        seal = Seal(**{name: value for name, value in row.items() if name != "id"})
        leaves = [
            Leaf(leaf["leaf_index"], leaf["entry_id"], leaf["hash"], entry(leaf) if leaf["present"] else None)
            for leaf in await connection.fetch(LEAVES, row["id"])
        ]
        for finding in check_seal(seal, leaves, number=number, previous_root=previous_root, signed=keys.signed):
            yield finding
        number, previous_root = seal.number + 1, seal.root
    for row in await connection.fetch(STRAY_LEAVES):
        yield Finding(FindingKind.CHAIN, f"The seal of entry {row['entry_id']} is gone.", row["entry_id"])
    for row in await connection.fetch(INSERTED):
        message = (
            f"Entry {row['entry_no']} of {row['subject_kind']} {row['subject_id']} is neither sealed nor waiting "
            "for its seal, or both."
        )
        yield Finding(FindingKind.INSERTED, message, row["id"])
    for row in await connection.fetch(QUEUED_AND_GONE):
        yield Finding(FindingKind.REMOVED, f"Entry {row['entry_id']} waits for its seal and is gone.", row["entry_id"])
    for row in await connection.fetch(HOLES):
        message = (
            f"The history of {row['subject_kind']} {row['subject_id']} jumps from entry {row['before_it']} "
            f"to {row['entry_no']}."
        )
        yield Finding(FindingKind.REMOVED, message)
    for row in await connection.fetch(COUNTS):
        kind = FindingKind.REMOVED if row["found"] < row["counted"] else FindingKind.INSERTED
        message = f"Document {row['id']} counts {row['counted']} entries and has {row['found']}."
        yield Finding(kind, message)
