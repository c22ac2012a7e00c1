"""Removes uploads that no attachment names: their command failed, or its process died between upload and commit."""

from datetime import datetime, timedelta
from typing import Final

from adapters.postgres.connection import TenantDatabase
from bizcore.objects import ObjectStore

# An upload is pending until a row names its key. It keeps that key for good, for S3 has no rename.
PENDING: Final = "pending/"
GRACE: Final = timedelta(hours=24)  # far longer than an upload and its command take

UNNAMED = """
    SELECT key FROM unnest($1::text[]) AS pending (key)
    WHERE NOT EXISTS (SELECT FROM platform.attachment a WHERE a.object_key = key)"""
BATCH: Final = 500


async def sweep_orphans(tenant: TenantDatabase, objects: ObjectStore, at: datetime) -> int:
    """How many were removed. Errors: OBJECTS_UNAVAILABLE."""
    old = [each.key async for each in objects.list(tenant.bucket, PENDING) if each.modified_at < at - GRACE]
    removed = 0
    for start in range(0, len(old), BATCH):
        async with tenant.connection() as connection:
            orphans = [row["key"] for row in await connection.fetch(UNNAMED, old[start : start + BATCH])]
        for key in orphans:
            await objects.remove(tenant.bucket, key)
        removed += len(orphans)
    return removed
