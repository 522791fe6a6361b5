"""`doorstep plan …`: plans from files, without the database. One function per command."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

from doorstep.launch.messages import LaunchTrouble, both
from doorstep.planning.errors import Refused


def main(arguments: list[str]) -> int:
    """One command of the group. What cannot be planned is said in words, with status 1."""
    chosen = _parser().parse_args(arguments)
    action: Callable[[argparse.Namespace], int] = chosen.action
    try:
        return action(chosen)
    except Refused as refusal:
        raise LaunchTrouble(both(str(refusal), "This cannot be planned as it is.")) from refusal


def _parser() -> argparse.ArgumentParser:
    from doorstep.launch import plans_of_people

    parser = argparse.ArgumentParser(prog="doorstep plan", description="规划 / plans. See docs/planning.md.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, meaning: str, action: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=meaning)
        command.set_defaults(action=action)
        return command

    grids = add("grids", "划分网格 / grids of each part", _grids)
    grids.add_argument("source", type=Path, metavar="IN.json")
    grids.add_argument("target", type=Path, metavar="OUT.json")
    grids.add_argument("--seconds", type=float, default=10.0, help="用时 / time to use (default 10)")
    grids.add_argument(
        "--seed", type=int, default=0, help="同一种子，同样轮数，同一方案 / same seed, same plan"
    )
    grids.add_argument(
        "--rounds", type=int, help="至多几轮 / rounds at most: then the same plan on every machine"
    )
    grids.add_argument("--no-bounds", action="store_true", help="不算下界 / leave out the proven bounds")
    plans_of_people.declare(add)
    return parser


def _grids(chosen: argparse.Namespace) -> int:
    from doorstep.planning.grids import Plan, bounds, figures, grids, read, warm

    instance = read(chosen.source)
    writable(chosen.target)
    warm()
    best: list[Plan] = []

    def better(plan: Plan, share: float) -> None:
        best[:] = [plan]
        found = figures(instance, plan.grids)
        said(f"{share:4.0%}  最重÷平均 {found.part_max:.3f}  紧凑 {found.compact:.1f} m")

    with _asked_to_stop() as stopped:
        best[:] = [
            grids(
                instance, seconds=chosen.seconds, seed=chosen.seed, rounds=chosen.rounds, on_better=better,
                should_stop=stopped,
            )
        ]  # fmt: skip
    bounded = not (chosen.no_bounds or stopped())
    plan, found = best[0], figures(instance, best[0].grids)
    form: dict[str, Any] = {
        "grids": plan.grids.tolist(), "seed": plan.seed, "rounds": plan.rounds, "figures": asdict(found),
    }  # fmt: skip
    written(chosen.target, form)
    if bounded:
        with contextlib.suppress(KeyboardInterrupt):
            form["bounds"] = asdict(bounds(instance, plan, quick=True))
            written(chosen.target, form)
    print(json.dumps({key: value for key, value in form["figures"].items() if key != "parts"}, indent=1))
    return 0


@contextlib.contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed meanwhile; pressed again it ends the command. An exception of its own would break into
    compiled code, which can't be left that way."""
    pressed = threading.Event()

    def press(_number: int, _frame: FrameType | None) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def said(words: str) -> None:
    """Progress, on standard error."""
    print(words, file=sys.stderr, flush=True)


def writable(target: Path) -> None:
    """Refused before the work when nothing could be written there."""
    if not target.parent.is_dir() or target.is_dir() or not os.access(target.parent, os.W_OK):
        raise Refused(f"写不到{target}，请先建好文件夹或换一个位置。")


def written(target: Path, form: dict[str, Any]) -> None:
    """The whole file or none: what was there stays until the new one is complete."""
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_text(json.dumps(form, ensure_ascii=False), encoding="utf-8")
        part.replace(target)
    except OSError as error:
        raise Refused(f"写不到{target}（{error.strerror}），请换一个位置。") from error
