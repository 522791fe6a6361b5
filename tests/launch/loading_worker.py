"""`python -m tests.launch.loading_worker IDENTITY DAYS [killed]`: the platform's worker, with so many days of the demo's requests
to load instead of two years. `killed`: it is gone, as by a power cut, after the first portion it wrote."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import django


def main(identity: str, days: int, killed: bool) -> None:
    django.setup()
    from doorstep.demo.requests import past, seasons
    from doorstep.launch import children

    seasons.DAYS = days
    if killed:
        whole = past.load_month

        def cut_off(month: past.Month) -> Any:
            return whole(month, tell=lambda number: os.kill(os.getpid(), signal.SIGKILL))

        past.load_month = cut_off
    children.worker(identity)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), "killed" in sys.argv[3:])
