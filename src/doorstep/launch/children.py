"""What the supervisor runs: `python -m doorstep.launch.children server|worker|scheduler IDENTITY`."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path

import psycopg

from doorstep.launch import databases, jobs, processes
from doorstep.launch.locations import working_folder
from doorstep.launch.troubles import told

WORKER_QUEUES = ["*"]


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
    """Runs jobs until told to stop; finishes the one at hand first."""
    _set_up_django()
    from django_tasks_db.management.commands.db_worker import Worker

    class QuietWorker(Worker):
        def configure_signals(self) -> None:
            signal.signal(signal.SIGTERM, self.shutdown)

    logging.getLogger("django_tasks_db").setLevel(logging.ERROR)  # how it stops is the supervisor's to say
    _live_as(identity)
    work = QuietWorker(
        queue_names=WORKER_QUEUES, interval=0.5, batch=False, backend_name="default", startup_delay=False,
        max_tasks=None, worker_id=identity, excluded_queue_names=[],
    )  # fmt: skip
    work.configure_signals()
    work.run()


def scheduler() -> None:
    _set_up_django()
    from doorstep.launch.scheduler import run_for_ever

    run_for_ever()


def _live_as(identity: str) -> None:
    """Hold the identity's lock; without it nobody would know this worker to be alive, so end when it is lost."""
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
    elif name == "worker":
        worker(identity)
    else:
        scheduler()
    return 0


if __name__ == "__main__":
    sys.exit(told(lambda: main(sys.argv[1], sys.argv[2])))
