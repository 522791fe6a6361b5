"""How well items are judged from words nobody learned from, and what that costs."""

from __future__ import annotations

import time
from pathlib import Path

from bench.measuring import Measured, Stage, bench
from doorstep.modules.requests import seeds
from doorstep.modules.requests.suggestion import SENTENCES, own_model, read_labelled, suggest

HELD_OUT = Path(__file__).parents[1] / "tests" / "requests" / "held_out.csv"
ITEMS = {code: words.split() for _class, code, _name, words, *_rest in [*seeds.ITEMS, *seeds.ELSEWHERE]}


def _judged() -> list[tuple[str, list[str]]]:
    model = own_model(ITEMS)
    return [
        (code, [each.code for each in suggest(sentence, model)]) for code, sentence in read_labelled(HELD_OUT)
    ]


def _note() -> str:
    return f"{len(read_labelled(SENTENCES))} sentences learned, {len(read_labelled(HELD_OUT))} held out, {len(ITEMS)} items"


@bench("item suggested from the words, wrong in the first place", aim=None)
def first_place(stage: Stage) -> Measured:
    judged = _judged()
    right = sum(code == found[0] for code, found in judged)
    return Measured(
        100 * (1 - right / len(judged)), unit="%", note=f"right {100 * right / len(judged):.1f} %; {_note()}"
    )


@bench("item suggested from the words, not among the first three", aim=None)
def first_three(stage: Stage) -> Measured:
    judged = _judged()
    right = sum(code in found for code, found in judged)
    return Measured(
        100 * (1 - right / len(judged)), unit="%", note=f"right {100 * right / len(judged):.1f} %"
    )


@bench("item suggested from the words, time for one report", aim=0.02)
def time_for_one(stage: Stage) -> Measured:
    model, held = own_model(ITEMS), read_labelled(HELD_OUT)
    began = time.perf_counter()
    for _code, sentence in held:
        suggest(sentence, model)
    return Measured((time.perf_counter() - began) / len(held))
