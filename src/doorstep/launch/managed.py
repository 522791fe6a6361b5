"""A management command in a process of its own: it ends with the process that asked for it, and migrates alone."""

from __future__ import annotations

import os
import sys

from doorstep.launch import processes
from doorstep.launch.databases import connect

LOCK = "doorstep migrate"


def main(arguments: list[str]) -> None:
    processes.end_with_parent()
    from django.core.management import execute_from_command_line

    if arguments[:1] == ["migrate"]:
        # one that a killed start left may still be at it for a moment: wait until it is gone
        with connect("owner") as alone:
            alone.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [LOCK])
            execute_from_command_line(["doorstep", *arguments])
    else:
        execute_from_command_line(["doorstep", *arguments])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "doorstep.config.settings")
    main(sys.argv[1:])
