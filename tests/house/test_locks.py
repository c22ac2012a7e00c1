"""What a clone installs is pinned by hash, and no file says from where."""

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONFIGURATION = re.compile(
    r"(^|/)(requirements/.*|pyproject\.toml|Makefile|compose\.yaml|\.ci/.*|\.npmrc|package(-lock)?\.json|pip\.conf|uv\.toml"
    r"|[^/]*\.config\.(js|ts|mjs)|\.gitignore|.*\.lock)$"
)
# A package index, a mirror, a path of somebody's machine: written into a lock, it would bind every clone to it.
INDEX = re.compile(
    r"(pypi\.|pythonhosted\.|npmjs\.|yarnpkg\.|unpkg\.|jsdelivr\.|(?<!no-emit-)index-url|find-links|trusted-host|resolved\"|registry\s*="
    r"|file:/|https?://(?!127\.0\.0\.1|localhost))",
    re.IGNORECASE,
)
# Addresses that npm copies from the packages' own descriptions: where to thank the authors, not where code comes from.
HARMLESS = re.compile(r'^\s*("(url|\$schema)": )?"https://[^"]+",?$')


def _files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [
        ROOT / name for name in listed.stdout.splitlines() if CONFIGURATION.search(name) and (ROOT / name).is_file()
    ]


def test_no_lock_or_configuration_file_names_a_package_index_or_a_local_path() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in _files()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if INDEX.search(line) and not HARMLESS.match(line)
    ]
    assert found == []


def test_every_python_package_is_pinned_with_a_hash() -> None:
    for lock in ("runtime.txt", "dev.txt"):
        text = (ROOT / "requirements" / lock).read_text().replace("\\\n", " ")
        lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
        assert len(lines) > 50
        assert [
            line for line in lines if not re.match(r"^[a-z0-9-]+(\[[a-z,]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
        ] == []


def test_what_runs_is_the_same_in_both_python_locks() -> None:
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9-]+==[^\s\\;]+", (ROOT / "requirements" / lock).read_text(), re.MULTILINE))

    assert pins("runtime.txt") - pins("dev.txt") == set()


def test_every_web_package_is_pinned_and_what_linux_servers_install_has_a_hash() -> None:
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    packages.pop("")
    assert [name for name, package in packages.items() if "version" not in package] == []
    servers = [
        name
        for name, package in packages.items()
        if "linux" in package.get("os", ["linux"]) and {"x64", "arm64"} & set(package.get("cpu", ["x64"]))
    ]
    assert [name for name in servers if "integrity" not in packages[name]] == []


def test_the_web_lock_names_the_builds_for_every_platform() -> None:
    """Or `npm ci` refuses the lock; `make lock` adds those that the registry did not serve."""
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    present = {name.rpartition("node_modules/")[2] for name in packages}
    wanted = {name for package in packages.values() for name in package.get("optionalDependencies", {})}
    assert sorted(wanted - present) == []
