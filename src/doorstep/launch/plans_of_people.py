"""`doorstep plan groups|staff|pair|match`: forms in, forms with figures out."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from doorstep.launch.plans import writable, written
from doorstep.planning.errors import Refused

Adding = Callable[[str, str, Callable[[argparse.Namespace], int]], argparse.ArgumentParser]


def declare(add: Adding) -> None:
    """The four commands, each from one JSON file to another."""
    commands = {
        "groups": add("groups", "党支部内建楼栋党小组 / building groups of each branch", _groups),
        "staff": add("staff", "网格员到网格，及替班 / workers to grids, and substitutes", _staff),
        "pair": add("pair", "导师与徒弟双向选择 / mentors and apprentices", _pair),
        "match": add("match", "需求与资源匹配 / needs to resources", _match),
    }
    for command in commands.values():
        command.add_argument("source", type=Path, metavar="IN.json")
        command.add_argument("target", type=Path, metavar="OUT.json")
    for name in ("groups", "staff"):
        commands[name].add_argument(
            "--seed", type=int, default=0, help="同一种子，同一方案 / same seed, same plan"
        )
    commands["staff"].add_argument(
        "--seconds", type=float, default=20.0, help="用时 / time to use (default 20)"
    )
    commands["staff"].add_argument("--rounds", type=int, help="至多几轮 / rounds at most")


def _groups(chosen: argparse.Namespace) -> int:
    from doorstep.planning import groups

    instance = groups.read(chosen.source)
    writable(chosen.target)
    found = groups.groups(instance, seed=chosen.seed)
    rows = [
        {"id": building, "group": int(group)}
        for building, group in zip(instance.buildings, found.group, strict=True)
    ]
    return _finished(chosen, {"buildings": rows}, asdict(groups.figures(instance, found.group)))


def _staff(chosen: argparse.Namespace) -> int:
    from doorstep.planning import staff
    from doorstep.planning.forms import form_of, loaded

    form = form_of(loaded(chosen.source))
    writable(chosen.target)
    if "buildings" in form:
        return _designed(chosen, form)
    instance = staff.of(form)
    staffing = staff.staff(instance)
    return _finished(chosen, _staffed(instance, staffing), asdict(staff.figures(instance, staffing)))


def _designed(chosen: argparse.Namespace, form: Any) -> int:
    from doorstep.planning import grids, staff

    if not 0 < chosen.seconds < 1e6:
        raise Refused(f"--seconds应大于0，现在是{chosen.seconds:g}，请改正。")
    workers, home = staff.workers_of(form)
    district = grids.of(form)
    grids.warm()
    found = staff.design(
        district, workers, home, seconds=chosen.seconds, seed=chosen.seed, rounds=chosen.rounds
    )
    rows = _staffed(found.instance, found.staffing)
    figures = asdict(staff.figures(found.instance, found.staffing, found.least))
    figures["plan"] = asdict(grids.figures(district, found.plan.grids))
    figures["plan"].pop("parts")
    return _finished(chosen, {"grids": found.plan.grids.tolist(), **rows}, figures)


def _staffed(instance: Any, staffing: Any) -> dict[str, Any]:
    names = instance.workers
    return {
        "staffed": [
            {"grid": grid, "worker": names[worker]}
            for grid, worker in zip(instance.grids, staffing.worker, strict=True)
        ],
        "substitutes": [
            {"worker": name, "substitute": names[other] if other >= 0 else None}
            for name, other in zip(names, staffing.substitute, strict=True)
        ],
    }


def _pair(chosen: argparse.Namespace) -> int:
    from doorstep.planning import pairing

    instance = pairing.read(chosen.source)
    writable(chosen.target)
    found = pairing.pair(instance)
    rows = [
        {
            "id": name,
            "mentor": instance.mentors[found.mentor[at]] if found.mentor[at] >= 0 else None,
            "pinned": bool(instance.pinned[at] >= 0),
            "liked_better": [asdict(one) for one in pairing.why_not(found, at)],
        }
        for at, name in enumerate(instance.apprentices)
    ]
    return _finished(chosen, {"apprentices": rows}, asdict(pairing.figures(found)))


def _match(chosen: argparse.Namespace) -> int:
    from doorstep.planning import matching

    instance = matching.read(chosen.source)
    writable(chosen.target)
    found = matching.match(instance)
    reasons = [asdict(matching.explain(found, at)) for at in range(found.size)]
    met = [reason for reason in reasons if "nearer" in reason]
    missed = [reason for reason in reasons if "failing" in reason]
    return _finished(chosen, {"met": met, "missed": missed}, asdict(matching.figures(found)))


def _finished(chosen: argparse.Namespace, form: dict[str, Any], figures: dict[str, Any]) -> int:
    written(chosen.target, {**form, "figures": figures})
    print(json.dumps({key: value for key, value in figures.items() if key != "branches"}, indent=1))
    return 0
