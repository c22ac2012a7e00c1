"""Access tokens as JWT: ES256 and nothing else, keys of our own set and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Self
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from jose import jwt
from jose.exceptions import JOSEError

from bizcore.clock import Clock
from bizcore.ids import new_id
from bizcore.tenancy import ACCESS_TOKEN_LIFE, AccessClaims, InvalidToken

ALGORITHM: Final = "ES256"
TYPE: Final = "at+jwt"
ISSUER: Final = "bizcore"
AUDIENCE: Final = "bizcore-api"
LEEWAY: Final = timedelta(seconds=30)
MAX_LENGTH: Final = 2048
REMEMBERED: Final = 10_000
SIGNATURE_BYTES: Final = 64
_HEADER: Final = frozenset({"alg", "typ", "kid"})
_CLAIMS: Final = frozenset({"iss", "aud", "exp", "nbf", "iat", "sub", "org", "stamp", "jti"})
_INSTANTS: Final = ("exp", "nbf", "iat")
_PEM: Final = re.compile(r"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----", re.DOTALL)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class JoseTokens:
    """TokenCodec by python-jose. `signing` names the key that signs; all `keys` verify, so that one can follow another.

    What a token may look like is checked strictly before jose judges its signature: only our own header and claims,
    each once, in canonical base64url. Headers that make a library fetch or trust keys (jku, x5u, crit) are refused.
    """

    clock: Clock
    signing: str
    private_key: str = field(repr=False)
    public_keys: Mapping[str, str] = field(repr=False)
    _known: dict[str, Mapping[str, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, pem: str, clock: Clock) -> Self:
        """From the setting: P-256 private keys in PEM, the signing one first."""
        public: dict[str, str] = {}
        blocks = _PEM.findall(pem)
        for block in blocks:
            key = load_pem_private_key(block.encode(), password=None)
            if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
                raise ValueError("a token key is a P-256 private key in PEM")
            der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            text = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
            public[_encode(hashlib.sha256(der).digest())[:16]] = text
        if not public:
            raise ValueError("a token key is needed")
        return cls(clock, next(iter(public)), blocks[0], public)

    def issue(self, claims: AccessClaims) -> str:
        now = int(self.clock.now().timestamp())
        token: str = jwt.encode(
            {
                "iss": ISSUER,
                "aud": AUDIENCE,
                "iat": now,
                "nbf": now,
                "exp": now + int(ACCESS_TOKEN_LIFE.total_seconds()),
                "sub": str(claims.user_id),
                "org": str(claims.organization_id),
                "stamp": claims.stamp,
                "jti": str(new_id()),
            },
            self.private_key,
            algorithm=ALGORITHM,
            headers={"typ": TYPE, "kid": self.signing},
        )
        return token

    def verify(self, token: str) -> AccessClaims:
        try:
            return self._verify(token)
        except (ValueError, JOSEError, RecursionError):
            raise InvalidToken from None

    def _verify(self, token: str) -> AccessClaims:
        claims = self._known.get(token)
        if claims is None:
            claims = self._signed(token)
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[token] = claims
        self._check_claims(claims)
        return AccessClaims(_uuid(claims["sub"]), _uuid(claims["org"]), claims["stamp"])

    def _signed(self, token: str) -> Mapping[str, Any]:
        """The claims of a token that one of our keys signed; what was once found so remains so."""
        if len(token) > MAX_LENGTH:
            raise ValueError("too long")
        header_part, payload_part, signature_part = token.split(".")
        header = _object(header_part)
        if header.keys() != _HEADER or header["alg"] != ALGORITHM or header["typ"] != TYPE:
            raise ValueError("header")
        kid = header["kid"]
        if not isinstance(kid, str) or kid not in self.public_keys or len(_decode(signature_part)) != SIGNATURE_BYTES:
            raise ValueError("key or signature")
        claims = _object(payload_part)
        if claims.keys() != _CLAIMS:
            raise ValueError("claims")
        jwt.decode(
            token,
            self.public_keys[kid],
            algorithms=[ALGORITHM],
            # Instants are judged below, by our own clock; jose asks the machine's.
            options={"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False},
        )
        return claims

    def _check_claims(self, claims: Mapping[str, Any]) -> None:
        if claims["iss"] != ISSUER or claims["aud"] != AUDIENCE:
            raise ValueError("issuer or audience")
        # bool is an int to Python, never to us.
        if any(type(claims[name]) is not int for name in (*_INSTANTS, "stamp")) or not isinstance(claims["jti"], str):
            raise ValueError("types")
        now, leeway = int(self.clock.now().timestamp()), int(LEEWAY.total_seconds())
        if now >= claims["exp"] + leeway or now < claims["nbf"] - leeway or now < claims["iat"] - leeway:
            raise ValueError("time")
        if claims["exp"] - claims["iat"] > ACCESS_TOKEN_LIFE.total_seconds():
            raise ValueError("life")


def _object(part: str) -> dict[str, Any]:
    value = json.loads(_decode(part).decode("utf-8"), object_pairs_hook=_once)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name twice")
    return value


def _decode(part: str) -> bytes:
    """base64url in its one canonical form: no padding, no stray bits, so that one token has one text."""
    value = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    if _encode(value) != part:
        raise ValueError("not canonical")
    return value


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def _uuid(value: object) -> UUID:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise ValueError("not a canonical uuid")
    return UUID(value)
