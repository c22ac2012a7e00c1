"""The W3C trace that a request belongs to: the one it came with, or one that begins here."""

import os
import re

# Version 00. Ids of nothing but zeros are invalid, and who sends one starts no trace.
_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def traceparent(given: str | None) -> str:
    """`given` where it is valid; else a new one, whose flags say that nothing was recorded so far."""
    if given is not None and _TRACEPARENT.fullmatch(given):
        return given
    return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-00"


def trace_id(traceparent: str) -> str:
    return traceparent.split("-")[1]
