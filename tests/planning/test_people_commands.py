"""`doorstep plan groups|staff|pair|match`, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from doorstep.launch import plans
from doorstep.launch.messages import LaunchTrouble
from doorstep.planning import forms
from tests.planning import test_groups, test_matching, test_pairing, test_staff
from tests.planning.forms import lattice


def done(tmp_path: Path, command: str, form: Any, *more: str) -> dict[str, Any]:
    source, target = tmp_path / "in.json", tmp_path / "out.json"
    source.write_text(json.dumps(form))
    assert plans.main([command, str(source), str(target), *more]) == 0
    return json.loads(target.read_text())


def test_groups_are_written_with_their_figures(tmp_path: Path):
    form = done(tmp_path, "groups", test_groups.line([2, 2, 2, 2], size=4), "--seed", "2")
    assert [row["group"] for row in form["buildings"]] in ([0, 0, 1, 1], [1, 1, 0, 0])
    assert form["figures"]["under"] == 0 and form["figures"]["gap"] == 0


def test_workers_are_written_with_their_substitutes(tmp_path: Path):
    form = done(tmp_path, "staff", test_staff.line([4, 1, 2], 2))
    assert [row["worker"] for row in form["staffed"]] in ([1, 2, 2], [2, 1, 1])
    assert {row["worker"]: row["substitute"] for row in form["substitutes"]} == {1: 2, 2: 1}


def test_where_there_are_buildings_the_grids_are_designed(tmp_path: Path):
    form = done(tmp_path, "staff", {**lattice(6, 6, 4), "workers": 3}, "--rounds", "3", "--seconds", "60")
    assert len(set(form["grids"])) == 4 and len({row["worker"] for row in form["staffed"]}) == 3
    assert form["figures"]["plan"]["broken"] == 0


def test_pairs_are_written_with_whom_one_would_have_liked_better(tmp_path: Path):
    form = done(tmp_path, "pair", test_pairing.school(5))
    assert form["figures"]["blocking"] == 0 and len(form["apprentices"]) == 6


def test_matches_are_written_with_their_reasons(tmp_path: Path):
    form = done(tmp_path, "match", test_matching.fields([{}, {}], [{}]))
    assert len(form["met"]) == 1 and form["missed"][0]["failing"] == ["full"]
    assert form["figures"]["gap"] == 0


@pytest.mark.parametrize("command", ["groups", "staff", "pair", "match"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "不是JSON"),
        ("[]", "最外层应是一个对象"),
        ("{}", "缺少|workers"),
        ("[" * 200_000, "嵌套过深"),
        ("1" * 5_000, "数字过长"),
        ("\ud800", "UTF-8"),
    ],
)
def test_a_file_that_is_no_form_is_refused_and_nothing_written(
    tmp_path: Path, command: str, text: str, words: str
):
    source, target = tmp_path / "in.json", tmp_path / "out.json"
    source.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(LaunchTrouble, match=words):
        plans.main([command, str(source), str(target)])
    assert not target.exists()


@pytest.mark.parametrize("command", ["groups", "staff", "pair", "match"])
def test_a_file_too_large_is_refused_unread_and_a_missing_one_named(tmp_path: Path, command: str):
    source = tmp_path / "in.json"
    with source.open("wb") as file:
        file.truncate((forms.MEGABYTES + 1) * 1_000_000)
    with pytest.raises(LaunchTrouble, match="超过64 MB"):
        plans.main([command, str(source), str(tmp_path / "out.json")])
    with pytest.raises(LaunchTrouble, match=r"读不到文件none\.json"):
        plans.main([command, str(tmp_path / "none.json"), str(tmp_path / "out.json")])
