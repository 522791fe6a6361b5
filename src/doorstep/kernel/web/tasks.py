"""Background work of the pages."""

from __future__ import annotations

from django_tasks import task

from doorstep.kernel.web.imports import running


@task()
def run_import(job_id: int) -> None:
    """Examine, rehearse or apply an import, as its state asks."""
    running.run(job_id)
