"""The sealed trail: whatever a superuser changes is named."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from random import Random
from uuid import UUID

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from adapters.postgres.audit.entries import COLUMNS, entry
from adapters.postgres.audit.keys import AuditKey, AuditKeys
from adapters.postgres.audit.sealer import seal_batch
from adapters.postgres.audit.verify import check_trail, verify_audit
from adapters.postgres.connection import TenantDatabase
from bizcore.audit import AuditEntry, Finding, FindingKind, canonical, merkle_root
from bizcore.ids import new_id
from bizcore.settings import Settings
from tests.conftest import RunningServers
from tests.delivery.support import write_entries
from tests.support.tenants import new_tenant

Superuser = asyncpg.Connection
TAMPERINGS = 200


@pytest.fixture
async def tenant(servers: Settings) -> AsyncIterator[TenantDatabase]:
    made = await new_tenant(servers)
    yield made
    await made.engine.dispose()


@pytest.fixture
def key(servers: Settings) -> AuditKey:
    return AuditKey.from_pem(servers.audit_key)


@pytest.fixture
async def superuser(tenant: TenantDatabase, running_servers: RunningServers) -> AsyncIterator[Superuser]:
    url = running_servers.embedded.superuser_url.rsplit("/", 1)[0]
    connection = await asyncpg.connect(f"{url}/{tenant.id}")
    yield connection
    await connection.close()


async def seal_all(tenant: TenantDatabase, key: AuditKey) -> int:
    sealed = 0
    async with tenant.connection() as connection:
        while (seal := await seal_batch(connection, key, datetime.now(UTC))) is not None:
            sealed += seal.leaf_count
    return sealed


async def findings(superuser: Superuser, key: AuditKey) -> list[Finding]:
    return [finding async for finding in verify_audit(superuser, AuditKeys([key]))]


async def some_history(tenant: TenantDatabase, key: AuditKey) -> list[UUID]:
    """Three seals over four subjects of six entries each, beside what sign-up wrote."""
    subjects = [new_id() for _ in range(4)]
    for start in (1, 3, 5):
        async with tenant.connection() as connection, connection.transaction():
            for subject in subjects:
                await write_entries(connection, subject, range(start, start + 2))
        await seal_all(tenant, key)
    return subjects


async def test_an_untouched_trail_verifies_sealed_and_unsealed(
    tenant: TenantDatabase, key: AuditKey, superuser: Superuser
) -> None:
    subjects = await some_history(tenant, key)
    async with tenant.connection() as connection, connection.transaction():
        await write_entries(connection, subjects[0], range(7, 9))
    assert await findings(superuser, key) == []
    assert await superuser.fetchval("SELECT count(*) FROM audit.unsealed") == 2


async def test_what_a_replaced_key_sealed_verifies_as_long_as_that_key_is_kept(
    tenant: TenantDatabase, servers: Settings, superuser: Superuser
) -> None:
    made = ec.generate_private_key(ec.SECP256R1())
    new = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    await some_history(tenant, AuditKey.from_pem(servers.audit_key))
    async with tenant.connection() as connection, connection.transaction():
        await write_entries(connection, new_id(), range(1, 3))
    both = f"{new}\n{servers.audit_key}"
    assert await seal_all(tenant, AuditKey.from_pem(both)) == 2
    seals = await superuser.fetch("SELECT DISTINCT key_id FROM audit.seal")
    assert {row["key_id"] for row in seals} == {key.id for key in AuditKey.all_from_pem(both)}

    async def found(pem: str) -> set[FindingKind]:
        keys = AuditKeys(AuditKey.all_from_pem(pem))
        return {finding.kind async for finding in verify_audit(superuser, keys)}

    assert await found(both) == set()
    assert await found(new) != set()


async def test_every_entry_is_sealed_once_also_when_two_sealers_run(
    tenant: TenantDatabase, key: AuditKey, superuser: Superuser
) -> None:
    async with tenant.connection() as connection, connection.transaction():
        await write_entries(connection, new_id(), range(1, 1502))
    await asyncio.gather(*(seal_all(tenant, key) for _ in range(3)))
    await seal_all(tenant, key)
    entries, leaves = await superuser.fetchrow(
        "SELECT (SELECT count(*) FROM audit.entry), (SELECT count(DISTINCT entry_id) FROM audit.leaf)"
    )
    assert entries == leaves
    assert await superuser.fetchval("SELECT max(leaf_count) FROM audit.seal") == 1000
    assert await findings(superuser, key) == []


async def test_the_root_can_be_computed_again_from_the_entries(
    tenant: TenantDatabase, key: AuditKey, superuser: Superuser
) -> None:
    """By hand, from the rows and the definition alone."""
    async with tenant.connection() as connection:
        while await seal_batch(connection, key, datetime.now(UTC)) is not None:
            pass
        async with connection.transaction():
            await write_entries(connection, new_id(), range(1, 4))
        await seal_batch(connection, key, datetime.now(UTC))
    rows = await superuser.fetch(
        """SELECT e.*, e.before::text AS b, e.after::text AS a FROM audit.entry e JOIN audit.leaf l ON l.entry_id = e.id
           JOIN audit.seal s ON s.id = l.seal_id WHERE s.number = (SELECT max(number) FROM audit.seal)
           ORDER BY l.leaf_index"""
    )
    leaves = []
    for row in rows:
        fields = {name: row[name] for name in ("entry_no", "ip", "request_id", "command", "subject_kind")}
        fields |= {name: str(row[name]) for name in ("id", "subject_id", "actor_id")}
        fields |= {"at": row["at"].isoformat(timespec="microseconds")}
        fields |= {"before": json.loads(row["b"]), "after": json.loads(row["a"])}
        text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        leaves.append(sha256(b"\0" + text.encode()).digest())
    first = sha256(b"\1" + leaves[0] + leaves[1]).digest()
    root = sha256(b"\1" + first + leaves[2]).digest()
    assert await superuser.fetchval("SELECT root FROM audit.seal ORDER BY number DESC LIMIT 1") == root


async def test_the_application_cannot_change_what_is_sealed(tenant: TenantDatabase, key: AuditKey) -> None:
    await some_history(tenant, key)
    for statement in (
        "UPDATE audit.entry SET command = 'x'", "DELETE FROM audit.entry", "TRUNCATE audit.entry CASCADE",
        "UPDATE audit.seal SET root = ''", "DELETE FROM audit.leaf", "UPDATE outbox.log SET position = 0",
    ):  # fmt: skip
        async with tenant.connection() as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def test_the_key_of_another_is_no_signature(tenant: TenantDatabase, key: AuditKey, superuser: Superuser) -> None:
    await some_history(tenant, key)
    other = AuditKey(ec.generate_private_key(ec.SECP256R1()))
    assert {finding.kind for finding in await findings(superuser, other)} == {FindingKind.SIGNATURE}


async def test_an_altered_entry_is_named_with_its_subject(
    tenant: TenantDatabase, key: AuditKey, superuser: Superuser
) -> None:
    subjects = await some_history(tenant, key)
    await superuser.execute("SET session_replication_role = replica")
    await superuser.execute(
        'UPDATE audit.entry SET after = after || \'{"name": "forged"}\' WHERE subject_id = $1 AND entry_no = 3',
        subjects[1],
    )
    [finding] = await findings(superuser, key)
    assert finding.kind is FindingKind.ALTERED
    assert finding.message == f"Entry 3 of party {subjects[1]} was altered after sealing."
    assert finding.seal_number is not None


async def test_two_hundred_tamperings_of_a_superuser_are_all_found(
    tenant: TenantDatabase, key: AuditKey, superuser: Superuser
) -> None:
    """Each in a transaction that is rolled back, so that every one meets an intact trail."""
    await some_history(tenant, key)
    assert await findings(superuser, key) == []
    dice = Random(17)
    missed: list[str] = []
    used: set[str] = set()
    for _ in range(TAMPERINGS):
        tampering = dice.choice(WAYS)
        used.add(tampering.__name__)
        transaction = superuser.transaction(isolation="repeatable_read")
        await transaction.start()
        await superuser.execute("SET LOCAL session_replication_role = replica")  # no trigger, no foreign key
        await tampering(superuser, dice)
        if not [finding async for finding in check_trail(superuser, AuditKeys([key]))]:
            missed.append(tampering.__name__)
        await transaction.rollback()
    assert missed == []
    assert used == {way.__name__ for way in WAYS}
    assert await findings(superuser, key) == []


async def _pick(connection: Superuser, dice: Random, table: str, column: str) -> object:
    rows = await connection.fetch(f"SELECT {column} AS id FROM {table} ORDER BY 1")
    return dice.choice(rows)["id"]


async def alter_entry(connection: Superuser, dice: Random) -> None:
    entry = await _pick(connection, dice, "audit.entry", "id")
    change = dice.choice(
        [
            "command = command || 'x'", "actor_id = gen_random_uuid()", "at = at + interval '1 microsecond'",
            "ip = '10.0.0.1'", "request_id = request_id || '1'", "subject_kind = 'item'",
            "subject_id = gen_random_uuid()", "entry_no = entry_no + 1000", "before = '{\"forged\": true}'",
            "after = after || '{\"forged\": null}'", "after = 'null'",
        ]
    )  # fmt: skip
    await connection.execute(f"UPDATE audit.entry SET {change} WHERE id = $1", entry)


async def swap_entries(connection: Superuser, dice: Random) -> None:
    first = await _pick(connection, dice, "audit.entry", "id")
    second = first
    while second == first:
        second = await _pick(connection, dice, "audit.entry", "id")
    await connection.execute(
        """UPDATE audit.entry e SET after = o.after || jsonb_build_object('swapped', e.id) FROM audit.entry o
           WHERE (e.id = $1 AND o.id = $2) OR (e.id = $2 AND o.id = $1)""",
        first, second,
    )  # fmt: skip


async def remove_entry(connection: Superuser, dice: Random) -> None:
    entry = await _pick(connection, dice, "audit.entry", "id")
    await connection.execute("DELETE FROM audit.entry WHERE id = $1", entry)


async def remove_entry_and_leaf(connection: Superuser, dice: Random) -> None:
    entry = await _pick(connection, dice, "audit.entry", "id")
    await connection.execute("DELETE FROM audit.entry WHERE id = $1", entry)
    await connection.execute("DELETE FROM audit.leaf WHERE entry_id = $1", entry)


async def insert_entry(connection: Superuser, dice: Random) -> None:
    await connection.execute(
        """INSERT INTO audit.entry SELECT gen_random_uuid(), subject_kind, subject_id, entry_no + 1000, at, actor_id,
           ip, request_id, command, before, after FROM audit.entry WHERE id = $1""",
        await _pick(connection, dice, "audit.entry", "id"),
    )


async def alter_leaf(connection: Superuser, dice: Random) -> None:
    entry = await _pick(connection, dice, "audit.leaf", "entry_id")
    change = dice.choice(["hash = sha256(hash)", "leaf_index = leaf_index + 500", "seal_id = gen_random_uuid()"])
    await connection.execute(f"UPDATE audit.leaf SET {change} WHERE entry_id = $1", entry)


async def alter_entry_and_its_leaf(connection: Superuser, dice: Random) -> None:
    """The forger knows the hash, and not the signing key."""
    chosen = await _pick(connection, dice, "audit.leaf", "entry_id")
    await connection.execute("UPDATE audit.entry SET command = 'forged' WHERE id = $1", chosen)
    row = await connection.fetchrow(f"SELECT {COLUMNS} FROM audit.entry e WHERE id = $1", chosen)
    await connection.execute("UPDATE audit.leaf SET hash = $2 WHERE entry_id = $1", chosen, entry(row).hash())


async def remove_seal(connection: Superuser, dice: Random) -> None:
    seal = await _pick(connection, dice, "audit.seal", "id")
    await connection.execute("DELETE FROM audit.seal WHERE id = $1", seal)
    if dice.random() < 0.5:
        await connection.execute("DELETE FROM audit.leaf WHERE seal_id = $1", seal)


async def alter_seal(connection: Superuser, dice: Random) -> None:
    change = dice.choice(
        [
            "root = sha256(root)", "previous_root = sha256(previous_root)", "signature = sha256(signature)",
            "leaf_count = leaf_count + 1", "sealed_at = sealed_at - interval '1 day'", "number = number + 100",
            "key_id = 'another'",
        ]
    )  # fmt: skip
    await connection.execute(
        f"UPDATE audit.seal SET {change} WHERE id = $1", await _pick(connection, dice, "audit.seal", "id")
    )


async def remove_a_whole_seal_with_its_entries(connection: Superuser, dice: Random) -> None:
    seals = await connection.fetch("SELECT id FROM audit.seal ORDER BY number")
    seal = dice.choice(seals[:-1])["id"]
    await connection.execute(
        "DELETE FROM audit.entry WHERE id IN (SELECT entry_id FROM audit.leaf WHERE seal_id = $1)", seal
    )
    await connection.execute("DELETE FROM audit.leaf WHERE seal_id = $1", seal)
    await connection.execute("DELETE FROM audit.seal WHERE id = $1", seal)


WAYS: list[Callable[[Superuser, Random], Awaitable[None]]] = [
    alter_entry, alter_entry, alter_entry, swap_entries, remove_entry, remove_entry_and_leaf, insert_entry, alter_leaf,
    alter_entry_and_its_leaf, remove_seal, alter_seal, remove_a_whole_seal_with_its_entries,
]  # fmt: skip


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40, unique=True), st.data())
def test_a_tree_tells_every_change_of_a_leaf(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:index], sha256(leaves[index]).digest(), *leaves[index + 1 :]]
    assert merkle_root(changed) != merkle_root(leaves)
    assert merkle_root([*leaves, leaves[-1]]) != merkle_root(leaves)


def test_the_tree_is_that_of_rfc_6962() -> None:
    """Known roots of the test vectors of the reference implementation (certificate-transparency, merkletree)."""
    data = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                                              "606162636465666768696a6b6c6d6e6f")]  # fmt: skip
    leaves = [sha256(b"\0" + each).digest() for each in data]
    assert merkle_root(leaves[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle_root(leaves[:2]).hex() == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    assert merkle_root(leaves[:3]).hex() == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    assert merkle_root(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_equal_entries_have_equal_hashes_whatever_the_order_of_their_json() -> None:
    one = AuditEntry(
        id=UUID(int=1), subject_kind="party", subject_id=UUID(int=2), entry_no=1, at=datetime(2026, 1, 1, tzinfo=UTC),
        actor_id=UUID(int=3), ip=None, request_id="r", command="c", before={}, after={"a": "1", "b": Decimal("1.50")},
    )  # fmt: skip
    assert replace(one, after={"b": Decimal("1.50"), "a": "1"}).hash() == one.hash()
    assert replace(one, after={"a": "1", "b": "1.50"}).hash() != one.hash()
    assert replace(one, after={"a": "1", "b": Decimal("1.5")}).hash() != one.hash()
    with pytest.raises(ValueError, match="float has no canonical form"):
        canonical({"a": 1.5})
