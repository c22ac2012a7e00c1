"""Where the demo looks for bizcore."""

import pytest

from bizcore.settings import Settings
from services.cli.demo import command
from tests.house.support import free_port


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("127.0.0.1", "http://127.0.0.1:8123"),
        ("0.0.0.0", "http://127.0.0.1:8123"),
        ("::", "http://[::1]:8123"),
        ("books.example.com", "http://books.example.com:8123"),
    ],
)
def test_the_demo_goes_where_bizcore_listens(host: str, wanted: str) -> None:
    assert command.address(Settings(host=host, port=8123)) == wanted


def test_the_demo_takes_the_port_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    monkeypatch.setenv("BIZCORE_PORT", str(port))
    assert command.main(["--cases", "1"]) == 1
    assert f"http://127.0.0.1:{port} does not answer" in capsys.readouterr().out
    monkeypatch.setenv("BIZCORE_PORT", "none")
    assert command.main(["--cases", "1"]) == 1
    assert capsys.readouterr().out.startswith("BIZCORE_PORT is wrong")
