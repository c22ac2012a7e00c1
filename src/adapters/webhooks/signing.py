"""Signatures of Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, one for each secret that is valid."""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32  # the standard asks for 24 to 64


def new_secret() -> str:
    return PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(event_id: UUID, at: datetime, body: bytes, signing_secrets: Sequence[str]) -> Mapping[str, str]:
    """The three headers of an attempt at `at`. The id is the event's, so that a receiver knows a retry when it sees
    one; during a rotation both secrets sign, and a receiver that knows either accepts."""
    timestamp = str(int(at.timestamp()))
    message = f"{event_id}.{timestamp}.".encode() + body
    signatures = (
        b64encode(hmac.digest(b64decode(secret.removeprefix(PREFIX)), message, sha256)).decode()
        for secret in signing_secrets
    )
    return {
        "webhook-id": str(event_id),
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
