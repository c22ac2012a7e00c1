"""`bizcore keys new` writes a new master key. With that one before the old one in BIZCORE_MASTER_KEY (embedded: in
keys/master_key) and everything restarted, `bizcore keys rotate` encrypts every secret anew, so that the old can go."""

import argparse
import asyncio
from collections.abc import Sequence

import asyncpg

from adapters.embedded.keys import new_master_key
from adapters.identity.secrets import Secrets, SecretUnreadable
from adapters.postgres.control.connection import open_control
from adapters.postgres.tenancy.rekey import rekey
from bizcore.settings import Settings, SettingsError
from services.cli.operator import operator_settings


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bizcore keys", description=__doc__)
    parser.add_argument("verb", choices=("new", "rotate"))
    if parser.parse_args(arguments).verb == "new":
        print(new_master_key())
        return 0
    try:
        print(asyncio.run(_rotate(operator_settings())))
    except asyncpg.InvalidPasswordError:
        print("The services do not know the first of these master keys yet: restart them, then run this again.")
        return 1
    except SecretUnreadable as error:
        print(f"No master key given here reads {error}: give the one it was written under as well.")
        return 1
    except (SettingsError, OSError) as error:
        print(error)
        return 1
    return 0


async def _rotate(settings: Settings) -> str:
    secrets = Secrets.of(settings.master_key)
    control = await open_control(settings)
    try:
        done = await rekey(settings.database_url, control, secrets)
    finally:
        await control.close()
    said = f"{done.renewed} secrets encrypted anew under master key {secrets.current.hex()}."
    if done.waiting:
        return f"{said} {done.waiting} API keys follow when they are next used: keep the old key until then."
    return f"{said} Nothing is left under another key."
