"""`bizcore keys new` writes a new master key. With that one before the old one in BIZCORE_MASTER_KEY (embedded: in
keys/master_key) and everything restarted, `bizcore keys rotate` encrypts every secret anew, so that the old can go."""

import argparse
from collections.abc import Sequence

from adapters.embedded.keys import new_master_key
from adapters.identity.secrets import Secrets
from adapters.postgres.control.connection import open_control
from adapters.postgres.tenancy.rekey import rekey
from bizcore.settings import Settings
from services.cli.operator import operate


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bizcore keys", description=__doc__)
    parser.add_argument("verb", choices=("new", "rotate"))
    if parser.parse_args(arguments).verb == "new":
        print(new_master_key())
        return 0
    return operate(_rotate)


async def _rotate(settings: Settings) -> int:
    secrets = Secrets.of(settings.master_key)
    control = await open_control(settings)
    try:
        done = await rekey(settings.database_url, control, secrets)
    finally:
        await control.close()
    print(f"{done.renewed} secrets encrypted anew under master key {secrets.current.hex()}.")
    if done.waiting:
        print(f"{done.waiting} API keys follow when they are next used: keep the old key until then.")
    else:
        print("Nothing is left under another key.")
    return 0
