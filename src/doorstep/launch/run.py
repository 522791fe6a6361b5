"""`doorstep run` and `doorstep serve`: everything the platform needs, in one command."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import os
import socket
import ssl
import time
import unicodedata
from collections.abc import Iterator
from functools import partial
from typing import Any

import psycopg

from doorstep.launch import databases, demo_district, jobs, lan, running
from doorstep.launch.children import LONG_WORKER, WORKER
from doorstep.launch.database_urls import cluster, is_embedded
from doorstep.launch.frontend import ensure_built
from doorstep.launch.messages import LaunchTrouble, both, say
from doorstep.launch.postgres import DatabaseTrouble
from doorstep.launch.supervisor import Child, Supervisor
from doorstep.launch.switches import is_on

PHASES = {
    "starting": ("正在准备启动", "starting"),
    "demo": ("正在装入演示城区", "loading the demo district"),
    "database": ("正在准备数据库", "preparing the database"),
    "frontend": ("正在构建前端", "building the front end"),
    "serving": ("已经在运行", "already running"),
}


def run() -> int:
    """A checkout: builds, makes the database and the demo district, serves until Ctrl-C. Exit status."""
    if "DEMO" not in os.environ:
        os.environ["DEMO"] = "0" if is_on("PRODUCTION") or not is_embedded() else "1"
    os.environ.setdefault("PORT", "8000")
    try:
        with running.only_run(_address()) as noted:
            return _run(noted)
    except running.AlreadyRunning as other:
        return _tell_already_running(other.state)


def serve() -> int:
    """An installation: the same processes, without building, migrating or demo. Exit status."""
    os.environ.setdefault("PORT", "8000")
    try:
        with running.only_run(_address()) as noted, database_running():
            _check_port()
            _check_migrated()
            _check_production("--database", "default")
            return _supervise([_address()], noted)
    except running.AlreadyRunning as other:
        return _tell_already_running(other.state)


@contextlib.contextmanager
def database_running() -> Iterator[None]:
    """The embedded database runs while this lasts, and stops afterwards unless somebody else uses it."""
    if is_embedded():
        with cluster().in_use():
            yield
    else:
        yield


def _run(noted: running.Run) -> int:
    _check_port()
    _check_production("--tag", "production")
    addresses = lan.open_to_network(int(os.environ["PORT"])) if is_on("LAN") else [_address()]
    noted.note(address=addresses[0], phase="database")
    with database_running():
        if is_on("DEMO"):
            if not is_embedded():
                databases.prepare()
            noted.note(phase="demo")
            demo_district.ensure()
            noted.note(phase="database")
        databases.prepare()
        noted.note(phase="frontend")
        ensure_built()
        _check_production("--database", "default")
        return _supervise(addresses, noted)


def _supervise(addresses: list[str], noted: running.Run) -> int:
    with databases.connect("application") as connection:
        jobs.requeue_abandoned(connection)
    supervisor = Supervisor(
        [Child("server"), Child(WORKER), Child(LONG_WORKER), Child("scheduler")],
        on_change=lambda children: noted.note(children=children),
        on_death=_look_after,
    )
    supervisor.run(is_ready=_answers, when_ready=partial(_greet, addresses, noted))
    say("已停止", "stopped")
    return 0


def _look_after(identity: str) -> None:
    """A child died: perhaps with the database; and a worker leaves claimed jobs."""
    if is_embedded():
        with contextlib.suppress(DatabaseTrouble):  # while its old processes end; the next death tries again
            cluster().ensure_running()
    if identity.startswith(WORKER):  # either of them
        # its connection may take a moment to close; the scheduler looks again every few seconds
        away = contextlib.suppress(psycopg.Error, DatabaseTrouble)
        with away, databases.connect("application") as connection:
            if jobs.requeue_abandoned(connection) == 0:
                time.sleep(0.2)
                jobs.requeue_abandoned(connection)


def _address() -> str:
    scheme = "https" if os.environ.get("TLS_CERTIFICATE") else "http"
    host = os.environ.get("HOST", "127.0.0.1")
    return f"{scheme}://{'127.0.0.1' if host == '0.0.0.0' else host}:{os.environ['PORT']}"


def _check_port() -> None:
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ["PORT"]
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise LaunchTrouble(both(f"PORT={port} 不是端口号。", f"PORT={port} is not a port number."))
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0" if is_on("LAN") else host, int(port)))
        except OSError as error:
            raise LaunchTrouble(
                both(
                    f"端口 {port} 已被其他程序占用（{error.strerror}）。换一个：PORT={int(port) + 1} make run",
                    f"Port {port} cannot be used ({error.strerror}). Another one: PORT={int(port) + 1} make run",
                )
            ) from error


def _check_migrated() -> None:
    with databases.connect("application") as connection:
        try:
            current = databases.fact(connection, "migrations") == databases.migrations_hash()
        except psycopg.errors.UndefinedTable:
            current = False
    if not current:
        raise LaunchTrouble(
            both("数据库结构不是最新：doorstep manage migrate", "First: doorstep manage migrate")
        )


def _check_production(*what: str) -> None:
    if is_on("PRODUCTION"):
        databases.manage("check", *what, "--fail-level", "ERROR")


def _answers() -> bool:
    """Whether the server answers anything at all."""
    host, port = "127.0.0.1", int(os.environ["PORT"])
    if os.environ.get("HOST", "0.0.0.0") not in {"0.0.0.0", "127.0.0.1"}:
        host = os.environ["HOST"]
    try:
        connection: http.client.HTTPConnection
        if os.environ.get("TLS_CERTIFICATE"):
            own = ssl.create_default_context(cafile=os.environ["TLS_CERTIFICATE"])
            connection = http.client.HTTPSConnection(host, port, timeout=10, context=own)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", "/")
            return connection.getresponse().status > 0
    except OSError:
        return False
    except http.client.HTTPException:
        return False


def _greet(addresses: list[str], noted: running.Run) -> None:
    noted.note(phase="serving")
    print(flush=True)
    say(f"家门口已在运行：{'  '.join(addresses)}", f"Doorstep is running: {'  '.join(addresses)}")
    if is_on("DEMO"):
        people = demo_district.cast()
        if people:
            say("演示人员（登录页一点即可登录）：", "demo cast, one click on the sign-in page:")
        for username, role, line in people:
            print(f"    {username:<12} {_padded(role, 34)} {line}")
    if is_on("LAN"):
        say(
            "手机首次打开会提示证书由本机签发，选择继续访问。",
            "phones warn once: this machine made the certificate.",
        )
        lan.show_code(addresses[0])
    say("按 Ctrl-C 停止", "Ctrl-C stops everything")


def _padded(text: str, columns: int) -> str:
    """Padded to this many columns of a terminal, where a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
    return text + " " * (columns - taken)


def _tell_already_running(state: dict[str, Any]) -> int:
    address = state.get("address", "?")
    since = dt.datetime.fromtimestamp(state.get("since", time.time())).strftime("%Y-%m-%d %H:%M")
    pid = state.get("pid", "?")
    chinese, english = PHASES.get(state.get("phase", ""), PHASES["starting"])
    say(f"{chinese}：{address}（自 {since}，进程 {pid}）", f"{english} at {address} (process {pid})")
    same = address.rpartition(":")[2] == os.environ["PORT"]
    if not same:
        say(
            "先停止它（在它的窗口按 Ctrl-C）再换端口。",
            "stop it first (Ctrl-C in its window) to change the port.",
        )
    return 0 if same else 1
