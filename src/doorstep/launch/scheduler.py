"""Runs the declared periodic jobs, one after another. One scheduler at a time, whatever the number of machines."""

from __future__ import annotations

import datetime as dt
import logging
import time
import traceback

import psycopg
from django.db import close_old_connections
from django.utils.module_loading import import_string

from doorstep.kernel.declarations.schedule import Periodic, all_jobs
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.launch import databases, jobs

LOCK = "doorstep scheduler"
PAUSE_SECONDS = 1.0
REQUEUE_SECONDS = 15
logger = logging.getLogger("doorstep.scheduler")


def run_for_ever() -> None:
    """Wait to be the only scheduler, then run what is due until the process ends.

    A lost connection means the lock is lost: the error ends the process and the supervisor starts another.
    """
    with databases.connect("application") as connection:
        while not _alone(connection):
            time.sleep(5)
        requeued_at = 0.0
        while True:
            if time.monotonic() - requeued_at > REQUEUE_SECONDS:
                jobs.requeue_abandoned(connection)
                requeued_at = time.monotonic()
            run_due(connection, all_jobs(), dt.datetime.now(DISTRICT_ZONE))
            time.sleep(PAUSE_SECONDS)


def run_due(connection: psycopg.Connection, declared: list[Periodic], now: dt.datetime) -> list[str]:
    """Run those due at `now`; gives their names. A job cut off half-way counts as never run."""
    rows = connection.execute(
        "SELECT name, started FROM setup.schedule WHERE finished IS NOT NULL"
    ).fetchall()
    started = {name: moment.astimezone(DISTRICT_ZONE) for name, moment in rows}
    due = [job for job in declared if job.is_due(started.get(job.name), now)]
    for job in due:
        _run(connection, job, now)
    return [job.name for job in due]


def _run(connection: psycopg.Connection, job: Periodic, now: dt.datetime) -> None:
    connection.execute(
        "INSERT INTO setup.schedule VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET started = excluded.started,"
        " finished = NULL",
        [job.name, now],
    )
    trouble = ""
    close_old_connections()
    try:
        import_string(job.call)()
    except Exception:
        trouble = traceback.format_exc()
        logger.exception("%s failed", job.name)
    connection.execute(
        "UPDATE setup.schedule SET finished = clock_timestamp(), trouble = %s WHERE name = %s",
        [trouble, job.name],
    )


def _alone(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [LOCK]).fetchone()
    return bool(row and row[0])
