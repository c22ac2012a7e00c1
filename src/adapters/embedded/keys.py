"""Passwords and keys of an installation: made once, each in a file that only its owner reads."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def _password() -> str:
    return secrets.token_hex(24)


def new_master_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _signing_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()


_MAKERS: dict[str, Callable[[], str]] = {
    "master_key": new_master_key,
    "token_key": _signing_key,
    "audit_key": _signing_key,
}


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    postgres_superuser: str
    postgres_provisioner: str
    valkey: str
    s3_access_key: str
    s3_secret_key: str
    master_key: str
    token_key: str
    audit_key: str

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The keys kept in `folder`; missing ones are made and kept."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(**{item.name: _kept(folder / item.name, _MAKERS.get(item.name, _password)) for item in fields(cls)})


def _kept(path: Path, make: Callable[[], str]) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        key = make()
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)  # whole or absent: half a key would lock us out of our own data
    return key
