"""`doorstep plan grids`, as it is typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from doorstep.launch import plans
from doorstep.launch.messages import LaunchTrouble
from doorstep.planning.districts import district
from doorstep.planning.grids import figures, of
from tests.planning.forms import lattice, row

PROJECT = Path(__file__).resolve().parents[2]


def laid(path: Path, form: object) -> str:
    path.write_text(json.dumps(form))
    return str(path)


def test_a_plan_is_written_with_its_figures_and_bounds(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    source, target = laid(tmp_path / "in.json", lattice(6, 6, 4)), tmp_path / "out.json"
    assert plans.main(["grids", source, str(target), "--rounds", "4", "--seconds", "60"]) == 0
    form = json.loads(target.read_text())
    found = figures(of(lattice(6, 6, 4)), form["grids"])
    assert form["figures"]["part_max"] == found.part_max and found.broken == 0
    assert form["bounds"]["compact"] <= found.compact + 1e-6
    printed = capsys.readouterr()
    assert json.loads(printed.out)["part_max"] == found.part_max
    assert "最重÷平均" in printed.err


def test_the_same_rounds_write_the_same_plan(tmp_path: Path):
    source = laid(tmp_path / "in.json", district(300, seed=4))
    plans_ = []
    for name in ("one.json", "two.json"):
        given = [
            "grids",
            source,
            str(tmp_path / name),
            "--rounds",
            "3",
            "--seconds",
            "60",
            "--seed",
            "5",
            "--no-bounds",
        ]
        plans.main(given)
        plans_.append(json.loads((tmp_path / name).read_text())["grids"])
    assert plans_[0] == plans_[1]


def test_what_cannot_be_planned_is_said_and_nothing_written(tmp_path: Path):
    target = tmp_path / "out.json"
    with pytest.raises(LaunchTrouble, match="3栋楼"):
        plans.main(["grids", laid(tmp_path / "in.json", row(3, 4)), str(target)])
    assert not target.exists()


def test_nowhere_to_write_is_said_before_the_work(tmp_path: Path):
    source = laid(tmp_path / "in.json", row())
    with pytest.raises(LaunchTrouble, match="写不到"):
        plans.main(["grids", source, str(tmp_path / "none" / "out.json")])


def test_interrupted_it_writes_the_best_so_far(tmp_path: Path):
    source, target = laid(tmp_path / "in.json", district(2000, seed=4)), tmp_path / "out.json"
    command = [
        sys.executable,
        "-m",
        "doorstep.launch.cli",
        "plan",
        "grids",
        source,
        str(target),
        "--seconds",
        "600",
    ]
    paths = os.pathsep.join([str(PROJECT / "src"), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        command, cwd=PROJECT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        env={**os.environ, "PYTHONPATH": paths},
    ) as running:  # fmt: skip
        assert running.stderr and "最重÷平均" in running.stderr.readline()
        running.send_signal(signal.SIGINT)
        said = running.stderr.read()
    assert running.returncode == 0, said
    instance = of(district(2000, seed=4))
    found = figures(instance, json.loads(target.read_text())["grids"])
    assert (found.broken, found.crossing, found.wrong_number) == (0, 0, 0)
