"""Named points at which tests make the program fail.

`BIZCORE_FAULTS` is a comma-separated list of `name=action[:probability]`, and `seed=number` for the dice. Actions:
`kill` this process as SIGKILL does, `raise` InjectedFault, `sleep` for a second. Without the variable a
point does nothing.
"""

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Final

VARIABLE: Final = "BIZCORE_FAULTS"
ACTIONS: Final = ("kill", "raise", "sleep")
SLEEP_SECONDS: Final = 1.0


class InjectedFault(Exception):
    """A failure that a test asked for."""


@dataclass(frozen=True, slots=True)
class _Plan:
    points: Mapping[str, tuple[str, float]]
    dice: Random


@lru_cache(maxsize=1)
def _plan(text: str) -> _Plan:
    seed = 0
    points: dict[str, tuple[str, float]] = {}
    for part in text.split(","):
        name, _, what = part.strip().partition("=")
        if name == "seed":
            seed = int(what)
            continue
        action, _, probability = what.partition(":")
        if not name or action not in ACTIONS:
            raise ValueError(f"{VARIABLE}: {part!r} is not name=action[:probability] with one of {', '.join(ACTIONS)}")
        points[name] = (action, float(probability or 1))
    return _Plan(points, Random(seed))


def fault(name: str) -> None:
    """Fail here if the plan says so."""
    text = os.environ.get(VARIABLE)
    if not text:
        return
    plan = _plan(text)
    action, probability = plan.points.get(name, ("", 0.0))
    if not action or plan.dice.random() >= probability:
        return
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "raise":
        raise InjectedFault(name)
    else:
        time.sleep(SLEEP_SECONDS)
