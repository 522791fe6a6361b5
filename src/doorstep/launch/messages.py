"""What the launcher says in the terminal: Chinese, then English."""

from __future__ import annotations


class LaunchTrouble(Exception):
    """The command cannot go on; the message says why and what to do."""


def both(chinese: str, english: str) -> str:
    return f"{chinese}\n{english}"


def say(chinese: str, english: str) -> None:
    print(f"{chinese}  |  {english}", flush=True)
