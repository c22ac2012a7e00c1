"""Access tokens: what we issue opens one organization for a quarter of an hour, and nothing else opens anything."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from adapters.identity.tokens import JoseTokens
from bizcore.tenancy import AccessClaims, InvalidToken
from tests.support.api import Api, Office

USER, ORGANIZATION = UUID(int=7), UUID(int=11)
NOON: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLAIMS: Final = AccessClaims(USER, ORGANIZATION, 3)


@dataclass(slots=True)
class StoppedClock:
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def today(self, zone: tzinfo) -> date:
        return self.at.astimezone(zone).date()


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


OURS = ec.generate_private_key(ec.SECP256R1())
THEIRS = ec.generate_private_key(ec.SECP256R1())
OLDER = ec.generate_private_key(ec.SECP256R1())
CLOCK = StoppedClock()
TOKENS = JoseTokens.of(_pem(OURS), CLOCK)
PUBLIC_PEM = OURS.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PUBLIC_DER = OURS.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
JWK = {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}

GOOD_HEADER: Final = {"alg": "ES256", "typ": "at+jwt", "kid": TOKENS.signing}
NOW: Final = int(NOON.timestamp())
GOOD_CLAIMS: Final[dict[str, Any]] = {
    "iss": "bizcore", "aud": "bizcore-api", "iat": NOW, "nbf": NOW, "exp": NOW + 900,
    "sub": str(USER), "org": str(ORGANIZATION), "stamp": 3, "jti": "01",
}  # fmt: skip


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def es256(signed: bytes, key: ec.EllipticCurvePrivateKey = OURS) -> bytes:
    r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def made(header: object, claims: object, sign: Callable[[bytes], bytes] = es256) -> str:
    return raw(json.dumps(header), json.dumps(claims), sign)


def raw(header: str, claims: str, sign: Callable[[bytes], bytes] = es256) -> str:
    signed = f"{b64(header.encode())}.{b64(claims.encode())}"
    return f"{signed}.{b64(sign(signed.encode()))}"


def hs(key: bytes) -> Callable[[bytes], bytes]:
    return lambda signed: hmac.new(key, signed, hashlib.sha256).digest()


def head(**changed: object) -> str:
    return made({**GOOD_HEADER, **changed}, GOOD_CLAIMS)


def said(**changed: object) -> str:
    return made(GOOD_HEADER, {**GOOD_CLAIMS, **changed})


def without(name: str) -> str:
    return made(GOOD_HEADER, {key: value for key, value in GOOD_CLAIMS.items() if key != name})


GOOD = made(GOOD_HEADER, GOOD_CLAIMS)
_HEAD, _BODY, _SIGNATURE = GOOD.split(".")

FORGED: Final = {
    "alg none, no signature": made({**GOOD_HEADER, "alg": "none"}, GOOD_CLAIMS, lambda _: b""),
    "alg None": made({**GOOD_HEADER, "alg": "None"}, GOOD_CLAIMS, lambda _: b""),
    "alg nOnE, our signature": head(alg="nOnE"),
    "HS256 with the public key in PEM": made({**GOOD_HEADER, "alg": "HS256"}, GOOD_CLAIMS, hs(PUBLIC_PEM)),
    "HS256 with the public key in DER": made({**GOOD_HEADER, "alg": "HS256"}, GOOD_CLAIMS, hs(PUBLIC_DER)),
    "HS256 with an empty key": made({**GOOD_HEADER, "alg": "HS256"}, GOOD_CLAIMS, hs(b"")),
    "HS256 with the key's id": made({**GOOD_HEADER, "alg": "HS256"}, GOOD_CLAIMS, hs(TOKENS.signing.encode())),
    "says ES256, signed by HMAC": made(GOOD_HEADER, GOOD_CLAIMS, hs(PUBLIC_PEM)),
    "RS256": head(alg="RS256"),
    "ES384": head(alg="ES384"),
    "es256 in small letters": head(alg="es256"),
    "alg a list": head(alg=["ES256", "none"]),
    "alg missing": made({"typ": "at+jwt", "kid": TOKENS.signing}, GOOD_CLAIMS),
    "another's key under our kid": made(GOOD_HEADER, GOOD_CLAIMS, lambda signed: es256(signed, THEIRS)),
    "unknown kid": head(kid="unknown"),
    "kid missing": made({"alg": "ES256", "typ": "at+jwt"}, GOOD_CLAIMS),
    "kid a path": head(kid="../../../../dev/null"),
    "kid a statement": head(kid="' OR '1'='1"),
    "kid a number": head(kid=0),
    "kid null": head(kid=None),
    "typ JWT": head(typ="JWT"),
    "typ missing": made({"alg": "ES256", "kid": TOKENS.signing}, GOOD_CLAIMS),
    "typ of another sort": head(typ="rt+jwt"),
    "jku": head(jku="https://evil.example/keys"),
    "x5u": head(x5u="https://evil.example/cert"),
    "x5c": head(x5c=["AAAA"]),
    "jwk inside": made({**GOOD_HEADER, "jwk": JWK}, GOOD_CLAIMS, lambda signed: es256(signed, THEIRS)),
    "crit": head(crit=["exp"]),
    "crit unknown": head(crit=["https://example.com/x"]),
    "b64 false": head(b64=False),
    "zip": head(zip="DEF"),
    "encrypted": head(enc="A256GCM"),
    "another issuer": said(iss="evil"),
    "issuers in a list": said(iss=["bizcore"]),
    "another audience": said(aud="other-api"),
    "audiences in a list": said(aud=["bizcore-api", "other-api"]),
    "expired": said(iat=NOW - 960, nbf=NOW - 960, exp=NOW - 60),
    "expired beyond the leeway by a second": said(iat=NOW - 900, nbf=NOW - 900, exp=NOW - 30),
    "of the future": said(iat=NOW + 120, nbf=NOW + 120, exp=NOW + 900),
    "not yet valid": said(nbf=NOW + 31),
    "too long a life": said(exp=NOW + 901),
    "a life without end": said(exp=2**62),
    "exp a text": said(exp=str(NOW + 900)),
    "exp a fraction": said(exp=NOW + 900.5),
    "exp true": said(exp=True),
    "exp infinite": raw(json.dumps(GOOD_HEADER), json.dumps(GOOD_CLAIMS).replace(str(NOW + 900), "Infinity")),
    "exp not a number": raw(json.dumps(GOOD_HEADER), json.dumps(GOOD_CLAIMS).replace(str(NOW + 900), "NaN")),
    "nbf null": said(nbf=None),
    **{f"{name} missing": without(name) for name in GOOD_CLAIMS},
    "sub no id": said(sub="admin"),
    "sub a number": said(sub=7),
    "sub in capital letters": said(sub="ABCDEF00-0000-0000-0000-000000000000"),
    "sub in braces": said(sub="{" + str(USER) + "}"),
    "org no id": said(org="*"),
    "org null": said(org=None),
    "orgs in a list": said(org=[str(ORGANIZATION)]),
    "stamp a text": said(stamp="3"),
    "stamp true": said(stamp=True),
    "an additional claim": said(roles=["owner"]),
    "a claim twice": raw(json.dumps(GOOD_HEADER), json.dumps(GOOD_CLAIMS)[:-1] + f', "org": "{UUID(int=12)}"}}'),
    "a header twice": raw(json.dumps(GOOD_HEADER)[:-1] + ', "alg": "none"}', json.dumps(GOOD_CLAIMS)),
    "claims a list": made(GOOD_HEADER, [GOOD_CLAIMS]),
    "header a list": made([GOOD_HEADER], GOOD_CLAIMS),
    "claims no JSON": raw(json.dumps(GOOD_HEADER), "sub=admin"),
    "claims nested deeply": raw(json.dumps(GOOD_HEADER), "[" * 900 + "]" * 900),
    "claims in UTF-16": f"{_HEAD}.{b64(json.dumps(GOOD_CLAIMS).encode('utf-16'))}.{_SIGNATURE}",
    "other claims under the signature": f"{_HEAD}.{b64(json.dumps({**GOOD_CLAIMS, 'stamp': 4}).encode())}.{_SIGNATURE}",
    "other header under the signature": f"{b64(json.dumps({**GOOD_HEADER, 'typ': 'x'}).encode())}.{_BODY}.{_SIGNATURE}",
    "no signature": f"{_HEAD}.{_BODY}.",
    "two parts": f"{_HEAD}.{_BODY}",
    "four parts": f"{GOOD}.{_SIGNATURE}",
    "five parts": f"{GOOD}.AA.AA",
    "signature cut": GOOD[:-4],
    "signature longer": GOOD + "AAAA",
    "signature of zeros": f"{_HEAD}.{_BODY}.{b64(bytes(64))}",
    "signature in DER": made(GOOD_HEADER, GOOD_CLAIMS, lambda signed: OURS.sign(signed, ec.ECDSA(hashes.SHA256()))),
    "signature padded": GOOD + "==",
    "standard base64": GOOD.replace("-", "+").replace("_", "/") + "=",
    "a space in it": f"{_HEAD}. {_BODY}.{_SIGNATURE}",
    "a line break behind it": GOOD + "\n",
    "empty": "",
    "dots": "..",
    "very long": GOOD + "A" * 100_000,
    "not ASCII": GOOD[:-1] + "é",
}  # fmt: skip


def test_the_good_token_of_this_module_is_accepted() -> None:
    """Otherwise what is refused below might be refused for a slip of this module."""
    assert TOKENS.verify(GOOD) == CLAIMS


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidToken) as refusal:
        TOKENS.verify(token)
    assert str(refusal.value) == "UNAUTHENTICATED: The token is not valid."


def test_there_are_more_than_forty_forgeries() -> None:
    assert len(set(FORGED.values())) == len(FORGED) > 40


def test_a_token_seen_before_is_judged_by_the_clock_again() -> None:
    clock = StoppedClock(NOON)
    tokens = JoseTokens.of(_pem(OURS), clock)
    token = tokens.issue(CLAIMS)
    assert tokens.verify(token) == tokens.verify(token) == CLAIMS
    clock.at = NOON + timedelta(minutes=15, seconds=30)
    with pytest.raises(InvalidToken):
        tokens.verify(token)
    altered = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    clock.at = NOON
    assert tokens.verify(token) == CLAIMS
    with pytest.raises(InvalidToken):
        tokens.verify(altered)


def test_what_we_issue_we_accept() -> None:
    assert TOKENS.verify(TOKENS.issue(CLAIMS)) == CLAIMS


def test_no_two_tokens_are_alike() -> None:
    assert TOKENS.issue(CLAIMS) != TOKENS.issue(CLAIMS)


@pytest.mark.parametrize(
    ("passed", "accepted"),
    [(timedelta(0), True), (timedelta(seconds=-30), True), (timedelta(seconds=-31), False),
     (timedelta(minutes=15), True), (timedelta(minutes=15, seconds=29), True),
     (timedelta(minutes=15, seconds=30), False)],
)  # fmt: skip
def test_a_token_lives_a_quarter_of_an_hour_and_30_seconds_of_leeway(passed: timedelta, accepted: bool) -> None:
    token = TOKENS.issue(CLAIMS)
    later = JoseTokens.of(_pem(OURS), StoppedClock(NOON + passed))
    if accepted:
        assert later.verify(token) == CLAIMS
    else:
        with pytest.raises(InvalidToken):
            later.verify(token)


def test_one_key_follows_another_without_a_break() -> None:
    old = JoseTokens.of(_pem(OLDER), CLOCK)
    both = JoseTokens.of(_pem(OURS) + _pem(OLDER), CLOCK)
    assert both.verify(old.issue(CLAIMS)) == CLAIMS
    assert TOKENS.verify(both.issue(CLAIMS)) == CLAIMS
    with pytest.raises(InvalidToken):
        old.verify(both.issue(CLAIMS))


@pytest.mark.parametrize(
    "pem",
    ["", "no key", _pem(ec.generate_private_key(ec.SECP384R1())), _pem(rsa.generate_private_key(65537, 2048))],
    ids=["none", "text", "P-384", "RSA"],
)
def test_only_p256_keys_sign(pem: str) -> None:
    with pytest.raises(ValueError):
        JoseTokens.of(pem, CLOCK)


@pytest.mark.parametrize(
    "name", ["alg none, no signature", "HS256 with the public key in PEM", "jwk inside", "a claim twice"]
)
async def test_a_forged_token_opens_no_route(api: Api, name: str) -> None:
    answer = await api.stranger.get("me", headers={"Authorization": f"Bearer {FORGED[name]}"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")


async def test_a_token_with_another_organization_in_it_is_worthless(api: Api, acme: Office) -> None:
    """Even by our own key: the stamp belongs to one membership."""
    tokens = api.app.state.identities.tokens
    beta = await api.sign_up("Beta")
    for user, organization, stamp in (
        (acme.owner.session["user"]["id"], beta.id, 1),
        (acme.owner.session["user"]["id"], acme.id, 2),
        (str(USER), acme.id, 1),
        (acme.owner.session["user"]["id"], str(ORGANIZATION), 1),
    ):
        token = tokens.issue(AccessClaims(UUID(user), UUID(organization), stamp))
        answer = await api.stranger.get("me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401
