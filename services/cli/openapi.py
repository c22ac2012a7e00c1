"""`bizcore openapi FILE`: writes the contract, from the declarations alone. The web UI's client is made of it."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from services.api.app import create_app


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bizcore openapi", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.parse_args(arguments).file.write_text(contract(), "utf-8")
    return 0


def contract() -> str:
    """openapi.json as it is committed: stable order, one trailing newline."""
    return json.dumps(create_app().openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
