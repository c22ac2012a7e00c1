"""The servers that the settings do not name, run here: PostgreSQL, Valkey and S3 with their data in one folder."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path

from adapters.embedded import objects, ports, postgres, valkey
from adapters.embedded.keys import Keys
from adapters.embedded.process import Keeper, Program, StartError, all_started
from bizcore.settings import Settings

PORTS = "ports.json"
LOOPBACK_NETWORKS = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def _ignore(*_: object) -> None:
    return None


@dataclass(slots=True, eq=False)
class EmbeddedServers:
    """PostgreSQL, Valkey and S3, each unless `settings` names one. Not `durable`: quick, and empty after a crash.

    `log` takes (program, line), `report` news for the operator, `step` a finished step and its seconds.
    """

    settings: Settings
    durable: bool = True
    log: Callable[[str, str], None] = _ignore
    report: Callable[[str], None] = _ignore
    step: Callable[[str, float], None] = _ignore
    keepers: dict[str, Keeper] = field(default_factory=dict)
    superuser_url: str = field(default="", repr=False)

    async def start(self) -> Settings:
        """The settings with what was missing. Errors: StartError; what had started is stopped."""
        home = self.settings.home
        run = home / "run"
        run.mkdir(mode=0o700, exist_ok=True)
        keys = Keys.of(home / "keys")
        chosen = ports.remembered(home / PORTS, ("postgres", "valkey", "objects"))
        starting = []
        if not self.settings.database_url:
            starting.append(self._start("PostgreSQL", lambda: self._postgres(keys, chosen["postgres"]), run))
        if not self.settings.redis_url:
            starting.append(self._start("Valkey", lambda: self._valkey(keys, chosen["valkey"]), run))
        if not self.settings.s3_endpoint:
            starting.append(self._start("Object store", lambda: self._objects(keys, chosen["objects"]), run))
        settings = _filled(self.settings, keys, chosen)
        try:
            await all_started(starting)
        except StartError:
            await self.stop()
            raise
        return settings.require_complete()

    async def stop(self) -> None:
        await asyncio.gather(*(keeper.stop() for keeper in self.keepers.values()))
        self.keepers.clear()

    async def _start(self, title: str, make: Callable[[], Program], run: Path) -> None:
        began = time.monotonic()
        program = await asyncio.to_thread(make)
        keeper = Keeper(program, run / f"{program.name}.pid", self.log, self.report)
        self.keepers[program.name] = keeper
        await keeper.start()
        self.step(title, time.monotonic() - began)

    def _postgres(self, keys: Keys, port: int) -> Program:
        cluster = postgres.initialise(
            self.settings.home,
            port=port,
            superuser_password=keys.postgres_superuser,
            connections=self.settings.connections + 2 * self.settings.connections_behind,
            durable=self.durable,
        )
        self.superuser_url = cluster.url(postgres.SUPERUSER, keys.postgres_superuser)
        return postgres.program(
            cluster, superuser_password=keys.postgres_superuser, provisioner_password=keys.postgres_provisioner
        )

    def _valkey(self, keys: Keys, port: int) -> Program:
        return valkey.program(self.settings.home / "valkey", port=port, password=keys.valkey, durable=self.durable)

    def _objects(self, keys: Keys, port: int) -> Program:
        return objects.program(
            self.settings.home / "objects", port=port, access_key=keys.s3_access_key, secret_key=keys.s3_secret_key
        )


def running(settings: Settings) -> Settings:
    """The settings that lead to the servers another process runs on this home. Errors: StartError if none does."""
    try:
        chosen = json.loads((settings.home / PORTS).read_text())
    except (OSError, ValueError):
        raise StartError(f"Nothing was ever served from {settings.home}: start it with `make run`.") from None
    return _filled(settings, Keys.of(settings.home / "keys"), chosen).require_complete()


def _filled(settings: Settings, keys: Keys, chosen: Mapping[str, int]) -> Settings:
    """The settings with every server they do not name replaced by our own."""
    if not settings.database_url:
        settings = _with_postgres(settings, keys, chosen["postgres"])
    if not settings.redis_url:
        settings = replace(settings, redis_url=f"redis://:{keys.valkey}@{ports.LOOPBACK}:{chosen['valkey']}/0")
    if not settings.s3_endpoint:
        settings = replace(
            settings,
            s3_endpoint=f"{ports.LOOPBACK}:{chosen['objects']}",
            s3_access_key=keys.s3_access_key,
            s3_secret_key=keys.s3_secret_key,
            s3_secure=False,
        )
    return settings


def _with_postgres(settings: Settings, keys: Keys, port: int) -> Settings:
    """A database of our own brings the keys that go with it; with somebody else's they are theirs to give."""
    return replace(
        settings,
        database_url=f"postgresql://{postgres.PROVISIONER}:{keys.postgres_provisioner}@{ports.LOOPBACK}:{port}/postgres?sslmode=disable",
        master_key=settings.master_key or keys.master_key,
        token_key=settings.token_key or keys.token_key,
        audit_key=settings.audit_key or keys.audit_key,
        webhook_allow=settings.webhook_allow or LOOPBACK_NETWORKS,
    )
