"""A job that a test can interrupt: the first try hangs, the second succeeds."""

import time
from pathlib import Path

from django_tasks import task


@task()
def hang_the_first_time(diary: str) -> str:
    file = Path(diary)
    tries = len(file.read_text().split()) if file.exists() else 0
    file.write_text("tried " * (tries + 1))
    if tries == 0:
        time.sleep(120)
    return "done"
