"""Each wall between the packages is seen to fail: a violation seeded into a copy of the project breaks its contract."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def lint(project: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(
        command, cwd=project, env={"PYTHONPATH": f"{project / 'src'}:{project}", "COLUMNS": "200"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages with two small contexts of their own, so that every wall has two sides."""
    project = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "pyproject.toml", project)
    for source in ("src", "services"):
        shutil.copytree(ROOT / source, project / source, ignore=shutil.ignore_patterns("__pycache__"))
    for context in ("alpha", "beta"):
        folder = project / "src" / "contexts" / context
        folder.mkdir(parents=True)
        for module in ("__init__", "public", "domain"):
            (folder / f"{module}.py").write_text("")
    (project / "src" / "contexts" / "__init__.py").touch()
    (project / "src" / "contexts" / "beta" / "domain.py").write_text("import contexts.alpha.public\n")
    return project


def test_the_walls_stand_as_they_are_and_public_doors_are_open(copy: Path) -> None:
    answer = lint(copy)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize(
    ("where", "statement", "contract"),
    [
        ("src/bizcore/settings.py", "import contexts.alpha", "Imports point inward"),
        ("src/contexts/alpha/domain.py", "import adapters.embedded", "Imports point inward"),
        ("src/adapters/embedded/ports.py", "import services.cli", "Imports point inward"),
        ("src/bizcore/settings.py", "import sqlalchemy", "The kernel and the contexts are pure Python"),
        ("src/contexts/alpha/domain.py", "import pydantic", "The kernel and the contexts are pure Python"),
        ("src/contexts/alpha/domain.py", "import jsonlogic", "JSONLogic is used by the rules engine alone"),
        ("src/bizcore/settings.py", "import jsonlogic", "JSONLogic is used by the rules engine alone"),
        ("src/contexts/alpha/domain.py", "import contexts.beta.domain", "A context imports another only through"),
        ("src/contexts/ledger/facts.py", "import contexts.parties.public", "A context knows only those below it"),
        ("src/contexts/inventory/queries.py", "import contexts.procurement.public", "A context knows only those below"),
    ],
)
def test_a_violation_breaks_the_contract(copy: Path, where: str, statement: str, contract: str) -> None:
    file = copy / where
    before = file.read_text()
    file.write_text(f"{before}\n{statement}\n")
    try:
        answer = lint(copy)
    finally:
        file.write_text(before)
    assert answer.returncode == 1
    assert [line for line in answer.stdout.splitlines() if line.startswith(contract) and " BROKEN" in line], (
        answer.stdout
    )
