"""The key that signs audit seals: ES256 (ECDSA on P-256 with SHA-256, RFC 7518 section 3.4)."""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

_ECDSA = ec.ECDSA(SHA256())
_PEM: Final = re.compile(r"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----", re.DOTALL)


class AuditKey:
    """`id` is taken from the public key, so that a seal names its key and a change of key shows."""

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        self._private = private
        self.public = private.public_key()
        encoded = self.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.id = sha256(encoded).hexdigest()[:16]

    @classmethod
    def from_pem(cls, pem: str) -> Self:
        """The first private key there, which signs; those it replaced may follow. Errors: ValueError."""
        found = _PEM.search(pem)
        return cls._of(found[0] if found else "")

    @classmethod
    def all_from_pem(cls, pem: str) -> list[Self]:
        """Errors: ValueError."""
        return [cls._of(block) for block in _PEM.findall(pem)] or [cls._of("")]

    @classmethod
    def _of(cls, pem: str) -> Self:
        key = load_pem_private_key(pem.encode(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise ValueError("the audit key is not a P-256 private key")
        return cls(key)

    def sign(self, statement: bytes) -> bytes:
        return self._private.sign(statement, _ECDSA)


class AuditKeys:
    """The keys whose seals are accepted: the present one and those it replaced."""

    def __init__(self, keys: Iterable[AuditKey]) -> None:
        self._public = {key.id: key.public for key in keys}

    def signed(self, key_id: str, statement: bytes, signature: bytes) -> bool:
        """Whether the key of that id is known and signed the statement."""
        if key_id not in self._public:
            return False
        try:
            self._public[key_id].verify(signature, statement, _ECDSA)
        except InvalidSignature:
            return False
        return True
