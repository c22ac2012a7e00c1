"""`bizcore password EMAIL` gives an account a new password, asked for or read from a pipe, and ends its sessions: for
whoever forgot theirs, and for members of a restored organization who had no account here."""

import argparse
import getpass
import sys
from collections.abc import Sequence

from adapters.identity.passwords import MAX_LENGTH, MIN_LENGTH, Passwords
from adapters.identity.secrets import Secrets
from adapters.postgres.control.accounts import Accounts
from adapters.postgres.control.connection import open_control
from bizcore.settings import Settings
from services.cli.operator import NotDone, operate


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bizcore password", description=__doc__)
    parser.add_argument("email")
    email = parser.parse_args(arguments).email

    async def work(settings: Settings) -> int:
        await _change(settings, email, _asked())
        return 0

    return operate(work)


async def _change(settings: Settings, email: str, password: str) -> None:
    """Errors: NotDone."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise NotDone(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.")
    control = await open_control(settings)
    try:
        accounts = Accounts(control, Secrets.of(settings.master_key))
        if not await accounts.set_password(email, await Passwords().hash(password)):
            raise NotDone(f"Nobody has the address {email} here.")
    finally:
        await control.close()
    print(f"{email} has a new password, and has to sign in with it.")


def _asked() -> str:
    """Errors: NotDone when it is typed differently the second time."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("New password: ")
    if getpass.getpass("Once more: ") != password:
        raise NotDone("The two differ.")
    return password
