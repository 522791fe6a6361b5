"""Jobs a dead worker had claimed are queued again.

The stock worker has no lease. Ours holds an advisory lock named by its identity on a connection of its own for as long
as it lives, wherever it runs; a running job whose last worker's lock is free was abandoned.
"""

from __future__ import annotations

import time

import psycopg

TABLE = "django_tasks_database_dbtaskresult"
TRIES = 5  # a job that ended so many workers is not given to another

_ABANDONED = f"""
WITH claimed AS (
    SELECT DISTINCT worker_ids ->> -1 AS worker FROM {TABLE} WHERE status = 'RUNNING'
), dead AS MATERIALIZED (
    SELECT worker FROM claimed WHERE pg_try_advisory_xact_lock(hashtextextended(worker, 0))
)
UPDATE {TABLE} SET
    status = CASE WHEN jsonb_array_length(worker_ids) < {TRIES} THEN 'READY' ELSE 'FAILED' END,
    finished_at = CASE WHEN jsonb_array_length(worker_ids) < {TRIES} THEN NULL ELSE now() END,
    exception_class_path = CASE WHEN jsonb_array_length(worker_ids) < {TRIES} THEN '' ELSE 'builtins.RuntimeError' END,
    traceback = CASE WHEN jsonb_array_length(worker_ids) < {TRIES} THEN '' ELSE 'its worker died {TRIES} times' END,
    started_at = NULL
WHERE status = 'RUNNING' AND worker_ids ->> -1 IN (SELECT worker FROM dead)
"""


def requeue_abandoned(connection: psycopg.Connection) -> int:
    """Queue again what dead workers had claimed; gives how many jobs."""
    with connection.transaction():
        return connection.execute(_ABANDONED).rowcount


def hold_identity(connection: psycopg.Connection, identity: str) -> None:
    """Be alive as `identity` for as long as this connection lasts."""
    connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [identity])


_READY = f"""
SELECT EXISTS (
    SELECT FROM {TABLE} WHERE status = 'READY' AND queue_name = %s AND (run_after <= now() OR run_after >= '9999-01-01 00:00+00')
)
"""


def wait_for(
    connection: psycopg.Connection, queue: str, seconds: float | None = None, every: float = 0.5
) -> bool:
    """Wait until the queue has a job to run; False where it has none for so many seconds."""
    end = None if seconds is None else time.monotonic() + seconds
    while True:
        row = connection.execute(_READY, [queue]).fetchone()
        if row and row[0]:
            return True
        if end is not None and time.monotonic() >= end:
            return False
        time.sleep(every)
