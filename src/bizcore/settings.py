"""Every setting of the system: read once at start from `BIZCORE_*` variables, then handed around as one object."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Self

PREFIX = "BIZCORE_"
FILE_SUFFIX = "_FILE"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
SIGNUP_MODES = ("open", "closed")


class SettingsError(Exception):
    """A setting is unknown, unreadable, missing or not of its kind; the message is a sentence for the operator."""


def _text(value: str) -> str:
    return value


def _path(value: str) -> Path:
    return Path(value)


def _flag(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise ValueError("must be true or false")
    return value.lower() == "true"


def _integer(minimum: int, maximum: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not (value.isascii() and value.isdigit() and minimum <= int(value) <= maximum):
            raise ValueError(f"must be a whole number from {minimum} to {maximum}")
        return int(value)

    return parse


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return value

    return parse


def _networks(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())


def _setting(default: Any, parse: Callable[[str], Any], meaning: str, *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"parse": parse, "meaning": meaning, "secret": secret})


_LIMIT = _integer(1, 1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one installation. A field `port` is the variable `BIZCORE_PORT`; a secret one may also be
    given by the path of a file that holds it, `BIZCORE_MASTER_KEY_FILE`. An empty variable counts as not given."""

    home: Path = _setting(Path(".bizcore"), _path, "Folder of the embedded servers' data, keys and logs.")
    host: str = _setting("127.0.0.1", _text, "Address on which the API listens.")
    port: int = _setting(8000, _integer(1, 65535), "Port on which the API listens.")
    database_url: str = _setting(
        "",
        _text,
        "PostgreSQL 18 as `postgresql://role:password@host:port/database`; the role needs CREATEDB and CREATEROLE. "
        "Empty: the embedded server.",
        secret=True,
    )
    redis_url: str = _setting(
        "", _text, "Redis or Valkey as `redis://:password@host:port/0`. Empty: the embedded server.", secret=True
    )
    s3_endpoint: str = _setting("", _text, "Object store as `host:port`. Empty: the embedded server.")
    s3_access_key: str = _setting("", _text, "Access key of the object store.", secret=True)
    s3_secret_key: str = _setting("", _text, "Secret key of the object store.", secret=True)
    s3_secure: bool = _setting(True, _flag, "Whether the object store is reached by https.")
    s3_region: str = _setting("us-east-1", _text, "Region that requests to the object store are signed for.")
    master_key: str = _setting(
        "", _text, "Key that encrypts stored secrets: 32 bytes in base64. The embedded mode makes one.", secret=True
    )
    token_key: str = _setting(
        "",
        _text,
        "Key that signs access tokens (ES256): a P-256 private key in PEM. The embedded mode makes one.",
        secret=True,
    )
    audit_key: str = _setting(
        "",
        _text,
        "Key that signs audit seals (ES256): a P-256 private key in PEM. The embedded mode makes one.",
        secret=True,
    )
    metrics_token: str = _setting(
        "", _text, "Bearer token that `/metrics` asks for. Empty: loopback only, without one.", secret=True
    )
    signup: str = _setting(
        "open",
        _one_of(SIGNUP_MODES),
        "Whether organizations may be founded: open or closed. Closed, the operator opens it for a new one.",
    )
    webhook_allow: tuple[IPv4Network | IPv6Network, ...] = _setting(
        (),
        _networks,
        "Address ranges (CIDR, comma-separated) that webhooks may reach though they are not public. "
        "The embedded mode sets `127.0.0.0/8,::1/128`.",
    )
    login_failures_per_account: int = _setting(10, _LIMIT, "Failed sign-ins of one account in 15 minutes.")
    login_attempts_per_address: int = _setting(120, _LIMIT, "Sign-in attempts of one address in a minute.")
    signups_per_address: int = _setting(60, _LIMIT, "Sign-ups of one address in an hour.")
    tenant_requests_per_second: int = _setting(500, _LIMIT, "Requests of one organization per second, sustained.")
    tenant_burst: int = _setting(2000, _LIMIT, "Requests of one organization at once, above the sustained rate.")
    pool_size: int = _setting(4, _integer(1, 100), "Database connections of one process to one organization.")
    connections: int = _setting(
        160,
        _integer(4, 10_000),
        "Database connections of an API process to all organizations; worker and relay hold a quarter of it each.",
    )
    log_level: str = _setting("INFO", _one_of(LOG_LEVELS), f"Least severe level logged: {', '.join(LOG_LEVELS)}.")
    faults: str = _setting("", _text, "Fault points to trigger, for tests of recovery. Empty: none.")

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """The settings in `environment`; other variables are ignored, an unknown `BIZCORE_*` is an error."""
        known = {variable(item.name): item for item in fields(cls)}
        given: dict[str, Any] = {}
        for name in sorted(environment):
            if not name.startswith(PREFIX) or not environment[name]:
                continue
            item = known.get(name) or known.get(name.removesuffix(FILE_SUFFIX))
            if item is None or (variable(item.name) != name and not item.metadata["secret"]):
                raise SettingsError(_unknown(name, known))
            if item.name in given:
                raise SettingsError(f"{variable(item.name)} and {name} are both given; give one.")
            text = environment[name] if variable(item.name) == name else _content(name, environment[name])
            try:
                given[item.name] = item.metadata["parse"](text)
            except ValueError as error:
                shown = "Its value" if item.metadata["secret"] else repr(text)
                raise SettingsError(f"{name} is wrong: {shown} is refused, {error}.") from None
        return cls(**given)

    def require_complete(self) -> Self:
        """These settings, when a service can run on them; SettingsError names what a service needs and is not given."""
        needed = (
            "database_url",
            "redis_url",
            "s3_endpoint",
            "s3_access_key",
            "s3_secret_key",
            "master_key",
            "token_key",
            "audit_key",
        )
        missing = [variable(name) for name in needed if not getattr(self, name)]
        if missing:
            raise SettingsError(
                f"Not given: {', '.join(missing)}. `bizcore run` fills in what belongs to the servers that it embeds."
            )
        return self

    @property
    def connections_behind(self) -> int:
        """Of the worker and of the relay, which see to few organizations at a time and keep nobody waiting."""
        return max(self.connections // 4, self.pool_size)

    def environment(self) -> dict[str, str]:
        """The variables that `read` turns into these settings again: how a child process gets them."""
        return {variable(item.name): _written(getattr(self, item.name)) for item in fields(self)}


def variable(name: str) -> str:
    return PREFIX + name.upper()


def table() -> list[tuple[str, str, str]]:
    """Variable, default and meaning of each setting, as the operations manual shows them."""
    rows = []
    for item in fields(Settings):
        name = f"`{variable(item.name)}`" + (f" or `…{FILE_SUFFIX}`" if item.metadata["secret"] else "")
        default = _written(item.default)
        rows.append((name, f"`{default}`" if default else "", item.metadata["meaning"]))
    return rows


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    return str(value)


def _content(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name} names a file that cannot be read: {path} ({error}).") from None


def _unknown(name: str, known: Mapping[str, Any]) -> str:
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
    return f"{name} is not a setting; did you mean {nearest}?"
