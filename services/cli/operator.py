"""What operator commands share: the settings of the installation, wherever its servers are, and how they fail."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Final

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from adapters.broker.wake import Wake
from adapters.embedded.process import StartError
from adapters.embedded.servers import running
from adapters.identity.secrets import Secrets, SecretUnreadable
from adapters.objectstore.s3 import S3ObjectStore
from adapters.postgres.audit.keys import AuditKey
from adapters.postgres.control.connection import CONTROL_ROLE
from bizcore.errors import BusinessError
from bizcore.settings import Settings, SettingsError, variable

# How each is read, and what would pass; the value itself is never shown, for all but one may hold a secret.
_READ: Final[dict[str, tuple[Callable[[Settings], object], str]]] = {
    "database_url": (lambda given: make_url(given.database_url), "postgresql://role:password@host:port/postgres"),
    "redis_url": (lambda given: Wake(given.redis_url), "redis://:password@host:port/0"),
    "s3_endpoint": (S3ObjectStore.of, "host:port"),
    "master_key": (lambda given: Secrets.of(given.master_key), "32 bytes in base64"),
    "token_key": (lambda given: AuditKey.all_from_pem(given.token_key), "a P-256 private key in PEM"),
    "audit_key": (lambda given: AuditKey.all_from_pem(given.audit_key), "a P-256 private key in PEM"),
}


class NotDone(Exception):
    """What was asked for cannot be done; the message is a sentence for the operator."""


def operate(work: Callable[[Settings], Coroutine[None, None, int]], *, failed: int = 1) -> int:
    """The exit code of `work` on this installation; `failed`, and a sentence, when it cannot be done."""
    try:
        return asyncio.run(work(operator_settings()))
    except (SettingsError, NotDone, BusinessError) as error:
        print(error)
    except SecretUnreadable as error:
        print(f"No master key given here reads {error}: give the one it was written under as well.")
    except asyncpg.InvalidPasswordError as error:
        if CONTROL_ROLE in str(error):
            print(
                "The services do not know the first of these master keys: give theirs, or restart them with this one."
            )
        else:
            print(f"The database refuses: {said(error)}.")
    except asyncpg.PostgresError as error:
        print(f"The database refuses: {said(error)}.")
    except asyncpg.ClientConfigurationError as error:  # how the connection is secured: the driver alone reads that
        print(f"{variable('database_url')} is wrong: {said(error)}.")
    except (ConnectionError, TimeoutError) as error:
        print(f"The servers do not answer: {said(error)}. They must be running: start bizcore first.")
    except OSError as error:
        print(f"{said(error)}.")
    return failed


def operator_settings() -> Settings:
    """From the environment; what it does not name is the embedded servers' of BIZCORE_HOME, which must be running.

    Errors: SettingsError, with a sentence for the operator.
    """
    settings = Settings.read(os.environ)
    try:
        settings = settings.require_complete()
    except SettingsError:
        try:
            settings = running(settings)
        except StartError as error:
            raise SettingsError(str(error)) from None
    require_readable(settings)
    return settings


def require_readable(settings: Settings) -> None:
    """Errors: SettingsError, which names the setting and what would pass."""
    for name, (read, form) in _READ.items():
        try:
            read(settings)
        except (ArgumentError, ValueError, TypeError):
            raise SettingsError(f"{variable(name)} is wrong: it must be {form}.") from None


def said(error: BaseException) -> str:
    """The first line of what it says, without a full stop."""
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
