"""The object store as its administrator sees it."""

from __future__ import annotations

from minio import Minio

from bizcore.settings import Settings


def object_client(servers: Settings) -> Minio:
    return Minio(
        endpoint=servers.s3_endpoint,
        access_key=servers.s3_access_key,
        secret_key=servers.s3_secret_key,
        secure=servers.s3_secure,
        region=servers.s3_region,
    )
