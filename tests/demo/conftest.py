from collections.abc import Iterator

import pytest

from tests.house.support import free_port, new_home, running


@pytest.fixture(scope="session")
def whole_system() -> Iterator[str]:
    """The address of everything, started as `make run` starts it: API, worker and relay on servers of their own."""
    port = free_port()
    with new_home() as home, running(home, port, "-m", "services.cli", "run") as house:
        house.wait_for("is ready at", within=120)
        yield f"http://127.0.0.1:{port}"
        house.process.terminate()
        assert house.end() == 0
