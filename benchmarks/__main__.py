"""All measurements one after another, or those named: `python -m benchmarks commands trial_balance`."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping

import uvloop

from benchmarks import commands, events, flush, memory, tenants, trial_balance
from benchmarks.place import Place, open_place

ALL: Mapping[str, Callable[[Place], Awaitable[None]]] = {
    "trial_balance": trial_balance.main,
    "commands": commands.main,
    "events": events.main,
    "memory": memory.main,
    "tenants": tenants.main,
    "flush": flush.main,
}


async def main(names: list[str]) -> int:
    if unknown := [name for name in names if name not in ALL]:
        print(f"Unknown: {', '.join(unknown)}. There are {', '.join(ALL)}.")
        return 2
    async with open_place() as place:
        for name in names or ALL:
            began = time.monotonic()
            await ALL[name](place)
            print(f"  ({name}: {time.monotonic() - began:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(main(sys.argv[1:])))
