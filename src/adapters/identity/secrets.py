"""Secrets at rest: encrypted under a key of their own that the master key wraps, or kept as a keyed hash."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 8
NONCE_BYTES: Final = 12
WRAPPED_BYTES: Final = KEY_BYTES + 16
_HEADER_BYTES: Final = KEY_ID_BYTES + NONCE_BYTES + WRAPPED_BYTES + NONCE_BYTES


class SecretUnreadable(Exception):
    """A ciphertext whose master key is not known here, or that was altered or moved to another row."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Master keys by id. The first given encrypts, every one decrypts, so that a rotation has time.

    A ciphertext is key id, nonce, wrapped key, nonce, encrypted text, with `bound_to` (table, row, column)
    authenticated: it cannot be read from another row.
    """

    current: bytes
    keys: dict[bytes, bytes] = field(repr=False)

    @classmethod
    def of(cls, master_key: str) -> Self:
        """From the setting: 32 bytes in base64, during a rotation several of them, the newest first."""
        keys: dict[bytes, bytes] = {}
        for part in master_key.split():
            try:
                key = base64.b64decode(part, validate=True)
            except binascii.Error:
                key = b""
            if len(key) != KEY_BYTES:
                raise ValueError("a master key is 32 bytes in base64")
            keys[hashlib.sha256(b"bizcore master key" + key).digest()[:KEY_ID_BYTES]] = key
        if not keys:
            raise ValueError("a master key is needed")
        return cls(next(iter(keys)), keys)

    def encrypt(self, plain: bytes, bound_to: str) -> bytes:
        key, bound = os.urandom(KEY_BYTES), bound_to.encode()
        wrap_nonce, nonce = os.urandom(NONCE_BYTES), os.urandom(NONCE_BYTES)
        wrapped = AESGCM(self.keys[self.current]).encrypt(wrap_nonce, key, self.current + bound)
        return self.current + wrap_nonce + wrapped + nonce + AESGCM(key).encrypt(nonce, plain, bound)

    def decrypt(self, ciphertext: bytes, bound_to: str) -> bytes:
        """Errors: SecretUnreadable."""
        bound = bound_to.encode()
        key_id, rest = ciphertext[:KEY_ID_BYTES], ciphertext[KEY_ID_BYTES:]
        wrap_nonce, rest = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
        wrapped, rest = rest[:WRAPPED_BYTES], rest[WRAPPED_BYTES:]
        nonce, encrypted = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
        if key_id not in self.keys or len(ciphertext) < _HEADER_BYTES:
            raise SecretUnreadable(bound_to)
        try:
            key = AESGCM(self.keys[key_id]).decrypt(wrap_nonce, wrapped, key_id + bound)
            return AESGCM(key).decrypt(nonce, encrypted, bound)
        except InvalidTag:
            raise SecretUnreadable(bound_to) from None

    def is_current(self, ciphertext: bytes) -> bool:
        """Whether a ciphertext or keyed hash is the current key's: a rotation has nothing to do for it."""
        return ciphertext[:KEY_ID_BYTES] == self.current

    def keyed_hash(self, secret: bytes, bound_to: str) -> bytes:
        """What to keep of a secret that is only ever compared: key id and HMAC-SHA256."""
        return self.current + self._mac(self.current, secret, bound_to)

    def matches(self, secret: bytes, bound_to: str, kept: bytes) -> bool:
        """Whether `kept` is the keyed hash of `secret`, in constant time."""
        key_id = kept[:KEY_ID_BYTES]
        return key_id in self.keys and hmac.compare_digest(self._mac(key_id, secret, bound_to), kept[KEY_ID_BYTES:])

    def derived_password(self, purpose: str) -> str:
        """The password of a role of ours that need not be kept, for the master key gives it again."""
        return self._derive(self.current, f"password:{purpose}").hex()

    def _mac(self, key_id: bytes, secret: bytes, bound_to: str) -> bytes:
        return hmac.digest(self._derive(key_id, f"hash:{bound_to}"), secret, "sha256")

    def _derive(self, key_id: bytes, info: str) -> bytes:
        return HKDFExpand(SHA256(), KEY_BYTES, info.encode()).derive(self.keys[key_id])
