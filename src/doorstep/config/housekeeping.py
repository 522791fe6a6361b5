"""What no package owns and grows for ever otherwise."""

from __future__ import annotations

from django.core.management import call_command

from doorstep.kernel.authority.sessions import SessionStore

KEEP_RESULTS_DAYS = 30


def clear_out() -> None:
    """Drop expired sessions, and results of background jobs older than a month."""
    SessionStore.clear_expired()
    call_command("prune_db_task_results", min_age_days=KEEP_RESULTS_DAYS, verbosity=0)
