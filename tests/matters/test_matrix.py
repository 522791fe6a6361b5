"""Every law, whole: each state, each step, each role: what the table says is what happens, and nothing else."""

import pytest

from doorstep.kernel.access.actors import Actor, Grant
from doorstep.kernel.matters.laws import Law, State, Transition, all_laws, faults_of
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services import Case, authorised
from doorstep.kernel.matters.steps import check_parts, parts_of
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation

PLACE, NEXT_PLACE = "210202005011001", "210202006011001"
HOLDING, ASKED, ELSEWHERE = 11, 12, 13
REPORTER, HANDLER, STRANGER, FORMER = 1, 2, 3, 9
PARTS = {
    "reporter": Actor(account_id=1, person_id=REPORTER),
    "handler": Actor(account_id=2, person_id=HANDLER),
    "stranger": Actor(account_id=3, person_id=STRANGER),
    "holder": Actor(4, 4, grants=(Grant("x", HOLDING, (PLACE,), frozenset({"matters.handle"})),)),
    "holder elsewhere": Actor(5, 5, grants=(Grant("x", HOLDING, (NEXT_PLACE,), frozenset({"matters.handle"})),)),
    "handled": Actor(account_id=8, person_id=FORMER),
    "asked": Actor(6, 6, grants=(Grant("x", ASKED, (PLACE,), frozenset({"matters.handle"})),)),
    "other unit": Actor(7, 7, grants=(Grant("x", ELSEWHERE, (PLACE,), frozenset({"matters.handle"})),)),
}  # fmt: skip


def cases():
    for law in all_laws():
        capabilities = sorted({row.by for row in law.transitions if row.by})
        roles = dict(PARTS)
        for number, capability in enumerate(capabilities, start=100):
            for place, where in ((PLACE, "here"), (NEXT_PLACE, "elsewhere")):
                grant = Grant("x", ELSEWHERE, (place,), frozenset({capability}))
                roles[f"{capability} {where}"] = Actor(number, number, grants=(grant,))
        for role, actor in roles.items():
            yield pytest.param(law, role, actor, id=f"{law.kind}-{role}")


def rights() -> list[str]:
    return sorted({row.by for law in all_laws() for row in law.transitions if row.by})


@pytest.mark.parametrize("part", ["handler", "handled", "asked", "holder", "reporter"])
def test_a_part_that_rules_out_a_step_does_so_whatever_right_is_held(part: str) -> None:
    """One person in two roles: the right over the place, and a part in the matter."""
    own = PARTS[part]
    grant = Grant(
        "x",
        own.grants[0].unit_id if own.grants else ELSEWHERE,
        (PLACE,),
        frozenset({*rights(), "matters.handle"}),
    )
    actor = Actor(own.account_id, own.person_id, grants=(grant,))
    for law in all_laws():
        for row in law.transitions:
            matter = Matter(
                kind=law.kind, place_code=PLACE, state=row.sources[0], reporter_id=REPORTER, handler_id=HANDLER,
                holder_id=HOLDING, asked_id=ASKED,
            )  # fmt: skip
            if not row.by:
                continue
            case = Case(matter, handled=frozenset({FORMER}))
            try:
                check_parts(authorised(actor, case, row.name), parts_of(actor, case))
            except NotAllowed as refused:
                assert part in row.never_by and str(row.words) in refused.message, row.name
            else:
                assert part not in row.never_by, row.name


def allowed(row: Transition, role: str) -> bool:
    part = role if role in PARTS else ""
    if part and part in row.never_by:
        return False
    return part in row.parts or (bool(row.by) and role == f"{row.by} here")


@pytest.mark.parametrize(("law", "role", "actor"), list(cases()))
def test_every_state_and_step(law: Law, role: str, actor: Actor) -> None:
    for state in law.states:
        matter = Matter(
            kind=law.kind, place_code=PLACE, state=state.code, reporter_id=REPORTER, handler_id=HANDLER,
            holder_id=HOLDING, asked_id=ASKED,
        )  # fmt: skip
        for row in law.transitions:
            try:
                case = Case(matter, handled=frozenset({FORMER}))
                check_parts(authorised(actor, case, row.name), parts_of(actor, case))
                outcome = "done"
            except RuleViolation:
                outcome = "wrong state"
            except NotAllowed:
                outcome = "not theirs"
            expected = "wrong state"
            if state.code in row.sources:
                expected = "done" if allowed(row, role) else "not theirs"
            assert outcome == expected, f"{role}: {row.name} from {state.code}"


def test_tables_are_whole() -> None:
    for law in all_laws():
        assert list(faults_of(law)) == []
        assert any(state.over for state in law.states)
        for state in law.states:
            assert state.over or str(state.next_step), (
                f"{law.kind}: what comes after {state.code} is not said"
            )


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"target": "nowhere"}, "unknown state nowhere"),
        ({"parts": ()}, "nobody's"),
        ({"clause": ""}, "cites no rule"),
        ({"sources": ("b",), "target": "a"}, "nothing leads to b"),
    ],
)
def test_a_faulty_table_is_refused(change: dict, fault: str) -> None:
    row = {
        "name": "go",
        "words": "走",
        "sources": ("a",),
        "target": "b",
        "clause": "条",
        "parts": ("holder",),
    }
    with pytest.raises(ValueError, match=fault):
        Law(
            kind="faulty", name="错", prefix="XX", first="a", view="v", opens="o",
            states=(State("a", "甲"), State("b", "乙", over=True)),
            transitions=(Transition(**(row | change)),),
        )  # fmt: skip
