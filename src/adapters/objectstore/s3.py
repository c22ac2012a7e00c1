"""Any S3 by the minio SDK, whose calls block and therefore run in threads."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, BinaryIO, Final, Self, TypeVar, cast

import urllib3
from minio import Minio
from minio.error import InvalidResponseError, MinioException, S3Error

from bizcore.objects import ObjectMissing, ObjectsUnavailable, StoredObject
from bizcore.settings import Settings

PART: Final = 256 * 1024  # bytes read or written at once
MEMORY: Final = 8 * 1024 * 1024  # an upload larger than this waits on disk
TIMEOUT: Final = urllib3.Timeout(connect=2, read=30)
MISSING: Final = frozenset({"NoSuchKey", "NoSuchBucket", "NoSuchObject", "ResourceNotFound"})

T = TypeVar("T")


class S3ObjectStore:
    """Speaks to one endpoint with one set of keys; a bucket per organization keeps them apart."""

    def __init__(self, client: Minio) -> None:
        self._client = client

    @classmethod
    def of(cls, settings: Settings) -> Self:
        http = urllib3.PoolManager(
            timeout=TIMEOUT, maxsize=16, retries=urllib3.Retry(total=1, backoff_factor=0.1, status_forcelist=[500, 503])
        )
        return cls(
            Minio(
                endpoint=settings.s3_endpoint,
                access_key=settings.s3_access_key,
                secret_key=settings.s3_secret_key,
                secure=settings.s3_secure,
                region=settings.s3_region,
                http_client=http,
            )
        )

    async def ping(self) -> None:
        """Errors: ObjectsUnavailable."""
        await _call(lambda: self._client.bucket_exists(bucket_name="bizcore-health"))

    async def create_bucket(self, bucket: str) -> None:
        def make() -> None:
            if not self._client.bucket_exists(bucket_name=bucket):
                self._client.make_bucket(bucket_name=bucket)

        await _call(make)

    async def remove_bucket(self, bucket: str) -> None:
        if not await _call(lambda: self._client.bucket_exists(bucket_name=bucket)):
            return
        async for found in self.list(bucket):
            await self.remove(bucket, found.key)
        await _call(lambda: self._client.remove_bucket(bucket_name=bucket))

    async def put(self, bucket: str, key: str, parts: AsyncIterator[bytes]) -> int:
        # The whole is collected first: an S3 PUT says its length beforehand, and a cut-off upload leaves no object.
        with tempfile.SpooledTemporaryFile(max_size=MEMORY) as spooled:
            collected = cast(BinaryIO, spooled)
            async for part in parts:
                await asyncio.to_thread(collected.write, part)
            size = collected.tell()
            collected.seek(0, os.SEEK_SET)
            await _call(
                lambda: self._client.put_object(bucket_name=bucket, object_name=key, data=collected, length=size)
            )
        return size

    async def get(self, bucket: str, key: str, *, offset: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        response = await _call(
            lambda: self._client.get_object(bucket_name=bucket, object_name=key, offset=offset, length=length or 0),
            missing=key,
        )
        try:
            while part := await _call(lambda: response.read(PART)):
                yield part
        finally:
            response.close()
            response.release_conn()

    async def stat(self, bucket: str, key: str) -> StoredObject:
        found = await _call(lambda: self._client.stat_object(bucket_name=bucket, object_name=key), missing=key)
        assert found.size is not None
        assert found.last_modified is not None
        return StoredObject(key, found.size, found.last_modified)

    async def remove(self, bucket: str, key: str) -> None:
        try:
            await _call(lambda: self._client.remove_object(bucket_name=bucket, object_name=key), missing=key)
        except ObjectMissing:
            return

    async def list(self, bucket: str, prefix: str = "") -> AsyncIterator[StoredObject]:
        found: Iterator[Any] = self._client.list_objects(bucket_name=bucket, prefix=prefix, recursive=True)
        while (item := await _call(lambda: next(found, None))) is not None:
            yield StoredObject(item.object_name, item.size, item.last_modified)


async def _call(work: Callable[[], T], *, missing: str | None = None) -> T:
    """`work` in a thread, its failures in our words. Only where `missing` names a key is a 404 that key's absence."""
    try:
        return await asyncio.to_thread(work)
    except S3Error as error:
        if missing is not None and error.code in MISSING:
            raise ObjectMissing("There is no such object.", key=missing) from None
        raise ObjectsUnavailable(f"The object store refused: {error.code}.") from error
    except InvalidResponseError as error:
        # Some servers answer a missing key in a form the SDK does not take for S3's.
        if missing is not None and "404" in str(error):
            raise ObjectMissing("There is no such object.", key=missing) from None
        raise ObjectsUnavailable from error
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise ObjectsUnavailable from error
