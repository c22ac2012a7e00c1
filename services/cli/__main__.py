"""`bizcore <verb> …`: each verb is a module of this package with a `main(arguments)` that answers the exit code."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

# Imported when called: starting everything must not wait for what only some other verb needs.
VERBS = {
    "run": "serve everything at one address until interrupted",
    "verify": "check every organization against what must always hold",
    "migrate": "bring every organization to the newest schema",
    "tenant": "back up or restore one organization",
    "password": "give an account a new password, and end its sessions",
    "keys": "make a master key, or encrypt every secret anew under the newest one",
    "openapi": "write the HTTP contract to a file",
    "demo": "replay purchasing cases through the API and prove what came of them",
}


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] not in VERBS:
        print("usage: bizcore <verb> [options]\n")
        for verb, meaning in VERBS.items():
            print(f"  {verb:<10}{meaning}")
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    code: int = importlib.import_module(f"services.cli.{arguments[0]}").main(arguments[1:])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
