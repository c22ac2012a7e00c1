"""Add to web/package-lock.json the builds for other platforms that the registry at hand did not serve.

npm leaves them out of the lock, and then `npm ci` refuses the lock everywhere as incomplete. They are named with their
exact version; their hashes are unknown here, so a machine that needs one trusts its registry for that one package.
"""

from __future__ import annotations

import json
from pathlib import Path

LOCK = Path(__file__).parents[1] / "web" / "package-lock.json"
SYSTEMS = ("android", "darwin", "freebsd", "linux", "win32")
PROCESSORS = ("arm64", "arm", "x64", "wasm32")


def complete(lock: dict[str, dict[str, dict[str, object]]]) -> None:
    packages = lock["packages"]
    present = {name.rpartition("node_modules/")[2] for name in packages}
    for package in list(packages.values()):
        wanted = package.get("optionalDependencies", {})
        assert isinstance(wanted, dict)
        for name, version in wanted.items():
            if name not in present:
                packages[f"node_modules/{name}"] = {"version": version, "optional": True} | _platform(name)
                present.add(name)
    lock["packages"] = dict(sorted(packages.items()))


def _platform(name: str) -> dict[str, list[str]]:
    words = name.replace("/", "-").split("-")
    found = {
        "os": [word for word in words if word in SYSTEMS],
        "cpu": [next((known for known in PROCESSORS if word.startswith(known)), "") for word in words],
    }
    return {kind: [value for value in values if value] for kind, values in found.items() if any(values)}


if __name__ == "__main__":
    content = json.loads(LOCK.read_text())
    complete(content)
    LOCK.write_text(json.dumps(content, indent=2) + "\n")
