"""The supervisor with the real servers and two tiny services, one of which may misbehave.

`python small_house.py [exit | hang | broken | slow-prepare]`
"""

from __future__ import annotations

import asyncio
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from adapters.embedded.process import Program, inherited_environment
from adapters.embedded.supervisor import supervise
from bizcore.settings import Settings

MODE = sys.argv[1] if len(sys.argv) > 1 else ""

API = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"served")
http.server.HTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
"""
# A worker with a child of its own, which must not outlive it.
WORKER = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("child", child.pid, flush=True)
time.sleep(600)
"""
DEAF_WORKER = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
LEAVING_WORKER = "raise SystemExit(0)"
BROKEN_API = "print('the reason', flush=True); raise SystemExit(1)"
PREPARE = {"slow-prepare": "import time; print('begun', flush=True); time.sleep(600)"}
WORKERS = {"exit": LEAVING_WORKER, "hang": DEAF_WORKER}


def python(name: str, settings: Settings, *arguments: str) -> Program:
    return Program(
        name=name,
        argv=(sys.executable, "-c", *arguments),
        environment=inherited_environment() | settings.environment(),
        folder=Path(__file__).parent,
    )


def prepare(settings: Settings) -> Program:
    return python("prepare", settings, PREPARE.get(MODE, "import os; assert os.environ['BIZCORE_DATABASE_URL']"))


def services(settings: Settings) -> Sequence[Program]:
    async def ready() -> bool:
        return await asyncio.to_thread(answers, settings.port)

    return (
        replace(
            python("api", settings, BROKEN_API if MODE == "broken" else API, settings.host, str(settings.port)),
            ready=ready,
        ),
        python("worker", settings, WORKERS.get(MODE, WORKER)),
    )


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as response:
            return bool(response.read() == b"served")
    except (urllib.error.URLError, OSError):
        return False


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(supervise(Settings.read(os.environ), prepare=prepare, services=services, say=say))
