"""Settings: read once, refuse what is unknown or wrong, keep secrets to themselves."""

import re
from dataclasses import fields, replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from bizcore import bounds
from bizcore.settings import Settings, SettingsError, table

ROOT = Path(__file__).parents[2]
MANUAL = ROOT / "docs" / "operations.md"


def test_nothing_given_is_the_defaults_and_other_variables_are_ignored() -> None:
    assert Settings.read({"PATH": "/bin", "BIZCORE_PORT": ""}) == Settings()
    assert (Settings().port, Settings().host, Settings().signup, Settings().login_failures_per_account) == (
        8000,
        "127.0.0.1",
        "open",
        10,
    )


def test_worker_and_relay_hold_a_quarter_of_the_connections_and_never_less_than_one_organization_may_have() -> None:
    assert Settings(connections=400).connections_behind == 100
    assert Settings(connections=8, pool_size=6).connections_behind == 6


def test_an_unknown_setting_is_refused_and_the_nearest_is_named() -> None:
    with pytest.raises(SettingsError, match=r"^BIZCORE_PROT is not a setting; did you mean BIZCORE_PORT\?$"):
        Settings.read({"BIZCORE_PROT": "1"})
    with pytest.raises(SettingsError, match=r"^BIZCORE_PORT_FILE is not a setting; did you mean BIZCORE_PORT\?$"):
        Settings.read({"BIZCORE_PORT_FILE": "/etc/port"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BIZCORE_PORT", "0"),
        ("BIZCORE_PORT", "65536"),
        ("BIZCORE_PORT", "80.0"),
        ("BIZCORE_PORT", "٨٠"),
        ("BIZCORE_SIGNUP", "maybe"),
        ("BIZCORE_S3_SECURE", "1"),
        ("BIZCORE_WEBHOOK_ALLOW", "10.0.0.1/8"),
        ("BIZCORE_LOG_LEVEL", "info"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is wrong"):
        Settings.read({name: value})


def test_a_secret_may_come_from_a_file_but_not_twice(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("c2VjcmV0\n")
    assert Settings.read({"BIZCORE_MASTER_KEY_FILE": str(file)}).master_key == "c2VjcmV0"
    with pytest.raises(SettingsError, match="both given"):
        Settings.read({"BIZCORE_MASTER_KEY_FILE": str(file), "BIZCORE_MASTER_KEY": "other"})
    with pytest.raises(SettingsError, match="cannot be read"):
        Settings.read({"BIZCORE_MASTER_KEY_FILE": str(tmp_path / "absent")})


def test_no_secret_is_shown() -> None:
    secret = {item.name: f"hidden-{item.name}" for item in fields(Settings) if item.metadata["secret"]}
    assert len(secret) == 8
    shown = repr(replace(Settings(), **secret))
    assert "hidden" not in shown


def test_a_child_reads_the_settings_that_its_parent_has(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        port=1234,
        s3_secure=False,
        token_key="-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----",
        webhook_allow=(ip_network("10.0.0.0/8"), ip_network("::1/128")),
    )
    assert Settings.read(settings.environment()) == settings


def test_what_a_service_lacks_is_named() -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings(database_url="postgresql://somewhere/x", redis_url="redis://x", s3_endpoint="x").require_complete()
    assert re.findall(r"BIZCORE_\w+", str(refusal.value)) == [
        "BIZCORE_S3_ACCESS_KEY",
        "BIZCORE_S3_SECRET_KEY",
        "BIZCORE_MASTER_KEY",
        "BIZCORE_TOKEN_KEY",
        "BIZCORE_AUDIT_KEY",
    ]


def test_the_manual_lists_every_setting_with_its_default_and_meaning() -> None:
    rows = re.findall(r"^\| (`BIZCORE_.*?) \| (.*?) \| (.*?) \|$", MANUAL.read_text(), re.MULTILINE)
    assert rows == table()


def test_the_manual_lists_every_limit_of_a_request() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\S+) \| .+ \| (?:400|413|422) \|$", MANUAL.read_text(), re.MULTILINE)
    assert dict(rows) == {name: str(value) for name, value in vars(bounds).items() if name.isupper()}
