"""`make bench`: runs every `bench/bench_*.py` and prints a table of ratios.

    python -m bench [NAME ...] [--format table|markdown|json] [--write FILE]

Status 1 when an aim is missed, unless a decision record says why it is, or when something could not be measured.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import pkgutil
import platform
import sys
import traceback
from pathlib import Path

os.environ["DOORSTEP_CLUSTER"] = "bench"
os.environ["DJANGO_SETTINGS_MODULE"] = "doorstep.config.settings"
os.environ.pop("DATABASE_URL", None)

os.environ["DEMO"] = "1"

import django
from rich.console import Console
from rich.table import Table

django.setup()

from bench.measuring import Bench, Measured, Stage, declared  # noqa: E402  needs Django
from doorstep.launch.database_urls import cluster  # noqa: E402  likewise

HEADINGS = ("what", "ours", "bare", "figure", "aim", "")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("names", nargs="*", help="words that the name of a bench contains")
    parser.add_argument("--format", choices=["table", "markdown", "json"], default="table")
    parser.add_argument("--write", type=Path, help="also write the table as Markdown into this file")
    chosen = parser.parse_args()
    for module in pkgutil.iter_modules([str(Path(__file__).parent)], "bench."):
        if module.name.startswith("bench.bench_"):
            importlib.import_module(module.name)
    wanted = [one for one in declared if not chosen.names or any(word in one.name for word in chosen.names)]
    if not wanted:
        parser.error("no bench of that name: " + "; ".join(one.name for one in declared))
    results: list[tuple[Bench, Measured]] = []
    broken: list[str] = []
    with cluster().in_use(), contextlib.closing(Stage()) as stage:
        for one in wanted:
            try:
                results.append((one, _run(one, stage)))
            except Exception:  # what the others measured is not thrown away with it
                traceback.print_exc()
                broken.append(one.name)
    for name in broken:
        print(f"not measured: {name}", file=sys.stderr)
    _show(results, chosen.format)
    if chosen.write:
        chosen.write.write_text(_markdown(results))
    return (
        1 if broken or any(not _holds(one, measured) and not one.accepted for one, measured in results) else 0
    )


def _run(one: Bench, stage: Stage) -> Measured:
    print(f"{one.name} ...", file=sys.stderr, flush=True)
    return one.run(stage)


def _holds(one: Bench, measured: Measured) -> bool:
    return not measured.missed and (one.aim is None or measured.figure <= one.aim)


def _row(one: Bench, measured: Measured) -> list[str]:
    ratio = measured.bare is not None
    figure = f"{measured.figure:.2f}×" if ratio else f"{measured.figure:.4g} {measured.unit}"
    aim = "" if one.aim is None else f"≤ {one.aim:g}{'×' if ratio else ' ' + measured.unit}"
    mark = _mark(one, measured)
    sides = [_quantity(value, measured.unit) for value in (measured.ours, measured.bare)]
    return [one.name + (f" ({measured.note})" if measured.note else ""), *sides, figure, aim, mark]


def _mark(one: Bench, measured: Measured) -> str:
    if one.aim is None and not measured.missed:
        return ""
    if _holds(one, measured):
        return "✓"
    return " ".join(filter(None, ["✗", measured.missed, one.accepted and f"({one.accepted})"]))


def _quantity(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value * 1000:.3g} ms" if unit == "s" and value < 1 else f"{value:.4g} {unit}"


def _show(results: list[tuple[Bench, Measured]], form: str) -> None:
    if form == "json":
        rows = [
            {"name": one.name, "aim": one.aim, "figure": measured.figure, **vars(measured)}
            for one, measured in results
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    elif form == "markdown":
        print(_markdown(results))
    else:
        table = Table(*HEADINGS)
        for one, measured in results:
            table.add_row(*_row(one, measured))
        Console().print(table)


def _markdown(results: list[tuple[Bench, Measured]]) -> str:
    lines = [f"| {' | '.join(HEADINGS)} |", "| --- | ---: | ---: | ---: | ---: | --- |"]
    lines += [f"| {' | '.join(_row(one, measured))} |" for one, measured in results]
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return "\n".join([*lines, "", f"Measured on {machine}. `make bench` measures anew.", ""])


if __name__ == "__main__":
    sys.exit(main())
