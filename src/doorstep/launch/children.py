"""What the supervisor runs: `python -m doorstep.launch.children server|worker|worker-long|scheduler IDENTITY`."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from doorstep.kernel.shared.queues import LONG
from doorstep.launch import databases, jobs, processes
from doorstep.launch.locations import working_folder
from doorstep.launch.troubles import told

if TYPE_CHECKING:
    from django_tasks_db.management.commands.db_worker import Worker

WORKER, LONG_WORKER = "worker", f"worker-{LONG}"  # every queue but the long one; that one alone
LINGER = 60.0  # seconds the worker of long jobs stays as it is after one


def server() -> None:
    from granian import Granian
    from granian.constants import Interfaces, SSLProtocols
    from granian.log import LogLevels

    certificate = os.environ.get("TLS_CERTIFICATE")
    Granian(
        "doorstep.config.wsgi:application",
        address=os.environ.get("HOST", "127.0.0.1"),
        port=int(os.environ.get("PORT", "8000")),
        interface=Interfaces.WSGI,
        workers=int(os.environ.get("WEB_PROCESSES", "1")),
        blocking_threads=int(os.environ.get("WEB_THREADS", "4")),
        websockets=False,
        log_level=LogLevels.error,
        log_access=os.environ.get("ACCESS_LOG") == "1",
        ssl_cert=Path(certificate) if certificate else None,
        ssl_key=Path(os.environ["TLS_KEY"]) if certificate else None,
        ssl_protocol_min=SSLProtocols.tls12,
        workers_kill_timeout=5,
    ).serve()


def worker(identity: str) -> None:
    """Runs jobs of every queue but the long one until told to stop; finishes the one at hand first."""
    _set_up_django()
    _live_as(identity)
    work = _jobs(identity, excluded_queue_names=[LONG])
    signal.signal(signal.SIGTERM, work.shutdown)
    work.run()


def long_worker(identity: str) -> None:
    """Runs what takes minutes. While it waits it is a small process: the platform is loaded for a job, and given back afterwards.

    Supervised, it ends at once when told to, with its job: that is queued again, and goes on with the next start.
    """
    alive = _live_as(identity)
    jobs.wait_for(alive, LONG)
    _set_up_django()
    work = _jobs(identity, queue_names=[LONG], batch=True)
    if not _is_supervised():
        signal.signal(signal.SIGTERM, work.shutdown)
    while work.running and jobs.wait_for(alive, LONG, LINGER if _is_supervised() else None):
        work.run()
    if _is_supervised():
        os.execv(sys.executable, [sys.executable, "-m", "doorstep.launch.children", LONG_WORKER, identity])


def _jobs(identity: str, **more: Any) -> Worker:
    """The stock worker, for us to say how it stops."""
    from django_tasks_db.management.commands.db_worker import Worker

    logging.getLogger("django_tasks_db").setLevel(logging.ERROR)
    usual: dict[str, Any] = {
        "queue_names": ["*"], "interval": 0.5, "batch": False, "backend_name": "default", "startup_delay": False,
        "max_tasks": None, "worker_id": identity, "excluded_queue_names": [],
    }  # fmt: skip
    return Worker(**usual | more)


def scheduler() -> None:
    _set_up_django()
    from doorstep.launch.scheduler import run_for_ever

    run_for_ever()


def _live_as(identity: str) -> psycopg.Connection:
    """Hold the identity's lock, on this connection; without it nobody would know this worker to be alive, so end when it is lost."""
    connection = databases.connect("application")
    jobs.hold_identity(connection, identity)

    def watch() -> None:
        while True:
            time.sleep(5)
            try:
                connection.execute("SELECT 1")
            except psycopg.Error:
                os._exit(75)

    threading.Thread(target=watch, daemon=True, name="identity").start()
    return connection


def _is_supervised() -> bool:
    return "DOORSTEP_SUPERVISED" in os.environ


def _set_up_django() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "doorstep.config.settings")
    django.setup()


def main(name: str, identity: str, supervised: bool = True) -> int:
    if supervised:
        # Ctrl-C reaches the whole group; the supervisor alone decides who stops, and when
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        processes.end_with_parent()
        os.environ["DOORSTEP_SUPERVISED"] = "1"
    working_folder()
    if name == "server":
        server()
    elif name == WORKER:
        worker(identity)
    elif name == LONG_WORKER:
        long_worker(identity)
    else:
        scheduler()
    return 0


if __name__ == "__main__":
    sys.exit(told(lambda: main(sys.argv[1], sys.argv[2])))
