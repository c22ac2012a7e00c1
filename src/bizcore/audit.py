"""What makes the history of a tenant provable: the hash of an entry, the Merkle tree of a seal, what a check finds.

Tree and hashes are those of RFC 6962 (Certificate Transparency), section 2.1: a leaf is SHA-256(0x00 || data), a node
SHA-256(0x01 || left || right), split at the largest power of two below the number of leaves.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

NO_ROOT: Final = bytes(32)  # what the first seal follows


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One row of the trail. `before` and `after` are JSON values; a number in them that is no integer is a Decimal."""

    id: UUID
    subject_kind: str
    subject_id: UUID
    entry_no: int
    at: datetime
    actor_id: UUID
    ip: str | None
    request_id: str
    command: str
    before: object
    after: object

    def hash(self) -> bytes:
        """The leaf hash over every field, in a form that does not depend on the order in which JSON was written."""
        fields = {
            "id": str(self.id),
            "subject_kind": self.subject_kind,
            "subject_id": str(self.subject_id),
            "entry_no": self.entry_no,
            "at": _instant(self.at),
            "actor_id": str(self.actor_id),
            "ip": self.ip,
            "request_id": self.request_id,
            "command": self.command,
            "before": self.before,
            "after": self.after,
        }
        return sha256(b"\x00" + canonical(fields)).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The signed root over a batch of entries, chained to the seal before it."""

    number: int
    root: bytes
    previous_root: bytes
    leaf_count: int
    sealed_at: datetime
    key_id: str
    signature: bytes = b""

    def statement(self) -> bytes:
        """What the signature signs: everything the seal says but the signature itself."""
        return canonical(
            {
                "number": self.number,
                "root": self.root.hex(),
                "previous_root": self.previous_root.hex(),
                "leaf_count": self.leaf_count,
                "sealed_at": _instant(self.sealed_at),
                "key_id": self.key_id,
            }
        )


@dataclass(frozen=True, slots=True)
class Leaf:
    """A place in a seal: the hash that was sealed, and the entry as the database holds it now (None: gone)."""

    index: int
    entry_id: UUID
    hash: bytes
    entry: AuditEntry | None


class FindingKind(StrEnum):
    """What a check can find wrong."""

    ALTERED = "altered"  # an entry no longer has the hash that was sealed
    REMOVED = "removed"  # a sealed or queued entry is gone, or a number of a subject's history is missing
    INSERTED = "inserted"  # an entry that no command wrote: neither sealed nor queued for sealing, or beyond the count
    LEAF = "leaf"  # a leaf was altered, removed, inserted or moved
    ROOT = "root"  # the root does not follow from the leaves
    CHAIN = "chain"  # a seal is missing, or does not follow the one before it
    SIGNATURE = "signature"  # the seal was not signed by a known key in this form


@dataclass(frozen=True, slots=True)
class Finding:
    kind: FindingKind
    message: str
    entry_id: UUID | None = None
    seal_number: int | None = None


def canonical(value: object) -> bytes:
    """`value` as JSON with sorted keys and no white space, so that equal values are equal bytes."""
    return json.dumps(
        _exact(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; at least one."""
    if not leaves:
        raise ValueError("a seal has at least one leaf")
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + merkle_root(leaves[:split]) + merkle_root(leaves[split:])).digest()


def check_seal(
    seal: Seal,
    leaves: Sequence[Leaf],
    *,
    number: int,
    previous_root: bytes,
    signed: Callable[[str, bytes, bytes], bool],
) -> Iterator[Finding]:
    """What is wrong with one seal. `leaves` by index; `number` and `previous_root` are what the seal before it demands;
    `signed(key_id, statement, signature)` says whether a known key signed it."""
    if seal.number != number:
        yield Finding(FindingKind.CHAIN, f"Seal {number} is missing before seal {seal.number}.", None, seal.number)
    if seal.previous_root != previous_root:
        yield Finding(FindingKind.CHAIN, f"Seal {seal.number} does not follow the seal before it.", None, seal.number)
    if not signed(seal.key_id, seal.statement(), seal.signature):
        yield Finding(FindingKind.SIGNATURE, f"Seal {seal.number} bears no valid signature.", None, seal.number)

    complete = [leaf.index for leaf in leaves] == list(range(seal.leaf_count))
    if not complete:
        yield Finding(
            FindingKind.LEAF, f"The leaves of seal {seal.number} are not 0 to {seal.leaf_count - 1}.", None, seal.number
        )
    leaves_as_sealed = complete and merkle_root([leaf.hash for leaf in leaves]) == seal.root
    now = [leaf.entry.hash() if leaf.entry else b"" for leaf in leaves]
    entries_as_sealed = complete and merkle_root(now) == seal.root
    if complete and not (leaves_as_sealed or entries_as_sealed):
        yield Finding(
            FindingKind.ROOT, f"The root of seal {seal.number} does not follow from its leaves.", None, seal.number
        )
    for leaf, hash_now in zip(leaves, now, strict=True):
        if leaf.entry is None:
            yield Finding(
                FindingKind.REMOVED, f"Entry {leaf.entry_id} was sealed and is gone.", leaf.entry_id, seal.number
            )
        elif hash_now != leaf.hash and entries_as_sealed:
            yield Finding(
                FindingKind.LEAF, f"Leaf {leaf.index} of seal {seal.number} was altered.", leaf.entry_id, seal.number
            )
        elif hash_now != leaf.hash:
            entry = leaf.entry
            message = f"Entry {entry.entry_no} of {entry.subject_kind} {entry.subject_id} was altered after sealing."
            yield Finding(FindingKind.ALTERED, message, entry.id, seal.number)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _exact(value: object) -> object:
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            # Tagged, or the text "1.50" and the number 1.50 would be equal bytes.
            return {"decimal": format(value, "f")}
        case Mapping():
            return {key: _exact(item) for key, item in value.items()}
        case list() | tuple():
            return [_exact(item) for item in value]
    raise ValueError(f"{type(value).__name__} has no canonical form")
