"""What no package owns and grows for ever otherwise."""

from __future__ import annotations

from django.core.management import call_command

KEEP_RESULTS_DAYS = 30


def clear_out() -> None:
    """Drop expired sessions, and results of background jobs older than a month."""
    call_command("clearsessions")
    call_command("prune_db_task_results", min_age_days=KEEP_RESULTS_DAYS, verbosity=0)
