"""What every object store must do, against the one that is there."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from adapters.objectstore.s3 import S3ObjectStore
from bizcore.objects import ObjectMissing, ObjectStore, ObjectsUnavailable
from bizcore.settings import Settings


async def parts(*given: bytes) -> AsyncIterator[bytes]:
    for part in given:
        yield part


async def content(store: ObjectStore, bucket: str, key: str, **span: int) -> bytes:
    return b"".join([part async for part in store.get(bucket, key, **span)])


@pytest.fixture
def store(servers: Settings) -> ObjectStore:
    return S3ObjectStore.of(servers)


@pytest.fixture
async def bucket(store: ObjectStore) -> AsyncIterator[str]:
    name = f"contract-{uuid4().hex}"
    await store.create_bucket(name)
    yield name
    await store.remove_bucket(name)


async def test_what_is_put_comes_back_byte_for_byte(store: ObjectStore, bucket: str) -> None:
    assert await store.put(bucket, "pending/one", parts(b"\x00abc", b"", b"def\xff")) == 8
    assert await content(store, bucket, "pending/one") == b"\x00abcdef\xff"


async def test_an_empty_object_is_an_object(store: ObjectStore, bucket: str) -> None:
    assert await store.put(bucket, "empty", parts()) == 0
    assert await content(store, bucket, "empty") == b""
    assert (await store.stat(bucket, "empty")).size == 0


async def test_an_object_of_several_s3_parts_comes_back_whole(store: ObjectStore, bucket: str) -> None:
    block = bytes(range(256)) * 4096  # 1 MiB
    assert await store.put(bucket, "large", parts(*[block] * 17)) == 17 * 1024 * 1024
    assert await content(store, bucket, "large") == block * 17


async def test_a_range_is_the_bytes_asked_for(store: ObjectStore, bucket: str) -> None:
    await store.put(bucket, "digits", parts(b"0123456789"))
    assert await content(store, bucket, "digits", offset=3, length=4) == b"3456"
    assert await content(store, bucket, "digits", offset=7) == b"789"


async def test_a_second_put_replaces_the_first(store: ObjectStore, bucket: str) -> None:
    await store.put(bucket, "key", parts(b"first"))
    await store.put(bucket, "key", parts(b"second"))
    assert await content(store, bucket, "key") == b"second"


async def test_stat_tells_size_and_age(store: ObjectStore, bucket: str) -> None:
    await store.put(bucket, "key", parts(b"12345"))
    found = await store.stat(bucket, "key")
    assert (found.key, found.size) == ("key", 5)
    assert abs(datetime.now(UTC) - found.modified_at) < timedelta(minutes=1)


async def test_a_missing_object_is_missing_to_get_and_stat_and_gone_to_remove(store: ObjectStore, bucket: str) -> None:
    with pytest.raises(ObjectMissing):
        await content(store, bucket, "nowhere")
    with pytest.raises(ObjectMissing):
        await store.stat(bucket, "nowhere")
    await store.remove(bucket, "nowhere")


async def test_a_removed_object_is_missing(store: ObjectStore, bucket: str) -> None:
    await store.put(bucket, "key", parts(b"x"))
    await store.remove(bucket, "key")
    with pytest.raises(ObjectMissing):
        await store.stat(bucket, "key")


async def test_a_list_holds_every_key_of_its_prefix_in_order(store: ObjectStore, bucket: str) -> None:
    for key in ("pending/b", "pending/a", "other/c"):
        await store.put(bucket, key, parts(b"x"))
    assert [each.key async for each in store.list(bucket, "pending/")] == ["pending/a", "pending/b"]
    assert [each.key async for each in store.list(bucket)] == ["other/c", "pending/a", "pending/b"]


async def test_an_upload_that_breaks_off_leaves_no_object(store: ObjectStore, bucket: str) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"some"
        raise ConnectionError("the client went away")

    with pytest.raises(ConnectionError):
        await store.put(bucket, "key", broken())
    assert [each.key async for each in store.list(bucket)] == []


async def test_a_bucket_made_twice_keeps_its_objects(store: ObjectStore, bucket: str) -> None:
    await store.put(bucket, "key", parts(b"x"))
    await store.create_bucket(bucket)
    assert await content(store, bucket, "key") == b"x"


async def test_buckets_do_not_see_each_other(store: ObjectStore, bucket: str) -> None:
    other = f"contract-{uuid4().hex}"
    await store.create_bucket(other)
    await store.put(bucket, "key", parts(b"x"))
    with pytest.raises(ObjectMissing):
        await store.stat(other, "key")
    await store.remove_bucket(other)
    await store.remove_bucket(other)


async def test_a_store_that_is_away_is_unavailable_and_not_empty(servers: Settings) -> None:
    from dataclasses import replace

    away = S3ObjectStore.of(replace(servers, s3_endpoint="127.0.0.1:9"))
    with pytest.raises(ObjectsUnavailable):
        await away.stat("bucket", "key")
