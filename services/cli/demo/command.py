"""`bizcore demo [--data FOLDER] [--url ADDRESS]`: replay, progress, what was assumed, what was counted, what holds."""

import argparse
import ipaddress
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from bizcore.settings import Settings, SettingsError
from services.cli.demo.cases import Kind, Plan, Step, plan, read_cases
from services.cli.demo.client import Refused
from services.cli.demo.proof import claims
from services.cli.demo.receiver import Receiver
from services.cli.demo.replay import YEARS, Replay

SAMPLE = Path(__file__).parent / "sample"
BAR = 40
DONE = {
    Kind.REQUEST: "requisitions",
    Kind.APPROVE_REQUEST: "requisitions approved",
    Kind.ORDER: "orders",
    Kind.APPROVE_ORDER: "orders approved",
    Kind.RECEIVE: "receipts",
    Kind.INVOICE: "invoices",
    Kind.PAY: "payments",
}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bizcore demo", description=__doc__)
    parser.add_argument("--data", type=Path, default=SAMPLE, help="folder with *.jsonl cases; else a sample of our own")
    parser.add_argument("--url", default=None, help="where bizcore runs; else where BIZCORE_HOST and BIZCORE_PORT say")
    parser.add_argument("--cases", type=int, default=None, help="replay only the first so many")
    given = parser.parse_args(arguments)
    cases = read_cases(given.data, given.cases)
    if not cases:
        print(f"{given.data} holds no cases: expected files *.jsonl, one case a line.")
        return 1
    try:
        url = given.url or address(Settings.read(os.environ))
    except SettingsError as error:
        print(error)
        return 1
    return replay_and_prove(url, plan(cases))


def address(settings: Settings) -> str:
    """Where `bizcore run` with these settings answers on this machine."""
    try:
        host = ipaddress.ip_address(settings.host)
    except ValueError:
        return f"http://{settings.host}:{settings.port}"
    if host.is_unspecified:  # it listens everywhere
        host = ipaddress.ip_address("127.0.0.1" if host.version == 4 else "::1")
    return f"http://{f'[{host}]' if host.version == 6 else host}:{settings.port}"


def replay_and_prove(url: str, planned: Plan) -> int:
    """0 when every claim holds."""
    started = time.monotonic()
    try:
        with httpx.Client(base_url=f"{url}/api/v1/", timeout=30) as http, Receiver() as receiver:
            replay = Replay(http, planned)
            replay.found()
            _subscribe(replay, receiver)
            replay.people()
            replay.masters()
            replay.run(_Progress(len(planned.steps)))
            seconds = time.monotonic() - started
            print()
            _tell(replay, seconds)
            proven = list(claims(replay, receiver))
    except Refused as refusal:
        print(f"\n{refusal}")
        return 1
    except httpx.HTTPError as error:
        print(f"\n{url} does not answer ({error}). Start it with `make run`.")
        return 1
    for claim in proven:
        print(f"{'holds' if claim.holds else 'FAILS':>7}  {claim.text}: {claim.shown}")
    print(f"\nSign in at {url} as {replay.owner_email} with the password {replay.password}")
    return 0 if all(claim.holds for claim in proven) else 1


def _subscribe(replay: Replay, receiver: Receiver) -> None:
    endpoint = replay.members["owner"].post("webhooks/endpoints", {"url": receiver.url, "events": ["*"]})
    receiver.secret = endpoint["secret"]


class _Progress:
    """One line that fills as the steps are taken."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0

    def __call__(self, step: Step) -> None:
        self.done += 1
        if not sys.stdout.isatty() and self.done < self.total:
            return
        filled = BAR * self.done // self.total
        bar = "█" * filled + "·" * (BAR - filled)
        print(f"\r{bar} {self.done}/{self.total}  {step.on}  {DONE[step.kind]:<22}", end="", flush=True)


def _tell(replay: Replay, seconds: float) -> None:
    planned = replay.plan
    counts = {name: sum(step.kind is kind for step in planned.steps) for kind, name in DONE.items()}
    print(f"Organization {replay.organization['slug']}: {len(planned.steps)} steps in {seconds:.1f} s")
    print("Counted: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    blocked, released = len(replay.blocked_on_arrival), len(replay.released)
    print(f"         {blocked} invoices blocked on arrival, {released} blocks released by the controller")
    for what, count in planned.assumptions.items():
        print(f"Assumed: {what} ({count})")
    print("Assumed: a step is taken at the last of its events, and never before the one it follows from")
    print(
        "Assumed: what the log pays before all its goods came is released first, by a controller who did not write it"
    )
    print(f"Assumed: the fiscal years {YEARS[0]} to {YEARS[-1]} are open beside the current one")
    print("Assumed: an order's pieces are shared out evenly over its receipts, in whole pieces")
    print("Assumed: each purchasing group has a budget line a year, 10 % above what the log orders")
