"""One grid split, or two merged: open matters go along with the buildings, to who takes the part over, in the same act."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from doorstep.kernel.matters.following import matters_follow_lineage
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.chain.grid_adjustments import GridAdjustment, GridPart, adjust_grids, preview_grids
from tests.grids.plans import world as plans
from tests.grids.plans.test_matters_follow import Workers, steps
from tests.grids.plans.world import ONE, TODAY, Ground
from tests.sign_in import client_of

LATER = TODAY + dt.timedelta(days=20)
FIRST, SECOND, THIRD = (f"{ONE}{number:03}" for number in (1, 2, 3))
WEST, EAST = f"{ONE}005", f"{ONE}006"


@pytest.fixture
def ground(db: None) -> Ground:
    return plans.build()


@pytest.fixture
def workers(ground: Ground) -> Workers:
    return Workers(ground)


def split(ground: Ground, on: dt.date = TODAY, **more: object) -> GridAdjustment:
    """The first grid into two buildings and two."""
    own = [one.pk for one in ground.buildings if one.place_code == FIRST]
    parts = (GridPart("西片网格", tuple(own[:2])), GridPart("东片网格", tuple(own[2:])))
    given = {
        "kind": "split",
        "grids": (FIRST,),
        "effective_on": on,
        "document": "演网〔2026〕5号",
        "parts": parts,
    }
    return GridAdjustment(**{**given, **more})


def test_a_part_given_to_another_worker_takes_its_open_matters_along(
    ground: Ground, workers: Workers
) -> None:
    own = [one for one in ground.buildings if one.place_code == FIRST]
    west, east, adrift = workers.matter(FIRST, own[0]), workers.matter(FIRST, own[3]), workers.matter(FIRST)
    before, taker = workers.workers[FIRST], workers.workers[SECOND]
    this = split(ground, takers={1: taker.pk})
    shown = preview_grids(actor=ground.actor("street"), adjustment=this)
    assert any("未结事项" in change.subject for change in shown.changes) and not Grid.objects.filter(
        code=EAST
    )
    east.refresh_from_db()
    assert (east.place_code, east.handler_id) == (FIRST, before.person_id), "the preview is taken back"
    due = dict(Matter.objects.values_list("pk", "due_at"))

    adjust_grids(actor=ground.actor("street"), adjustment=this)
    for matter in (west, east, adrift):
        matter.refresh_from_db()
    assert (west.place_code, west.handler_id) == (WEST, before.person_id) and "hand_over" not in steps(west)
    assert (east.place_code, east.handler_id) == (EAST, taker.person_id) and steps(east).count(
        "hand_over"
    ) == 1
    assert adrift.place_code in (WEST, EAST)
    assert (workers.now_at(WEST), workers.now_at(EAST)) == ({before.person_id}, {taker.person_id})
    kept = Appointment.objects.in_force().get(person_id=taker.person_id, post="grid_worker")
    assert sorted(place.code for place in kept.places.all()) == [SECOND, EAST], "what the taker had stays"
    assert Notice.objects.filter(matter=east, key="hand_over", person_id=taker.person_id).count() == 1
    assert dict(Matter.objects.values_list("pk", "due_at")) == due, "deadlines stand"
    counted = History.objects.count()
    assert matters_follow_lineage(ground.actor("street")) == [] and History.objects.count() == counted


def test_merged_grids_stay_with_both_or_go_to_one(ground: Ground, workers: Workers) -> None:
    mine, theirs = workers.matter(FIRST), workers.matter(SECOND)
    merge = GridAdjustment(
        kind="merge",
        grids=(FIRST, SECOND),
        name="演示合并网格",
        effective_on=TODAY,
        document="演网〔2026〕6号",
    )
    both = preview_grids(actor=ground.actor("street"), adjustment=merge)
    assert sum(change.after == "演示合并网格" for change in both.changes) >= 2
    third = workers.workers[THIRD]
    with pytest.raises(RuleViolation, match="至少选择一个新网格"):
        preview_grids(
            actor=ground.actor("street"),
            adjustment=GridAdjustment(**{**vars(merge), "takers": {0: third.pk}}),
        )
    one = workers.workers[FIRST]
    Appointment.objects.get(pk=workers.workers[SECOND].pk).places.create(code=THIRD)
    adjust_grids(
        actor=ground.actor("street"), adjustment=GridAdjustment(**{**vars(merge), "takers": {0: one.pk}})
    )
    for matter in (mine, theirs):
        matter.refresh_from_db()
    assert {mine.place_code, theirs.place_code} == {WEST} and {mine.handler_id, theirs.handler_id} == {
        one.person_id
    }
    assert steps(mine).count("hand_over") == 0 and steps(theirs).count("hand_over") == 1


def test_of_a_day_to_come_matters_go_on_the_day_once(ground: Ground, workers: Workers) -> None:
    own = [one for one in ground.buildings if one.place_code == FIRST]
    east, taker = workers.matter(FIRST, own[3]), workers.workers[SECOND]
    told = adjust_grids(actor=ground.actor("street"), adjustment=split(ground, LATER, takers={1: taker.pk}))
    assert any("到生效那天随楼栋移交" in note for note in told.notes)
    east.refresh_from_db()
    assert (east.place_code, east.handler_id) == (FIRST, workers.workers[FIRST].person_id)
    with clock.fixed(LATER):
        from doorstep.kernel.matters.following import follow_lineage_daily

        follow_lineage_daily()
        follow_lineage_daily()
    east.refresh_from_db()
    assert (east.place_code, east.handler_id) == (EAST, taker.person_id) and steps(east).count(
        "hand_over"
    ) == 1


def test_who_cannot_take_over_is_refused_in_words(ground: Ground, workers: Workers) -> None:
    elsewhere = ground.world.posts["street"].pk
    for takers, words in (
        ({1: elsewhere}, "从这个社区在任的网格员中选择"), ({1: 0}, "从这个社区在任的网格员中选择"),
        ({5: workers.workers[SECOND].pk}, "只能从新网格里选择"),
        ({0: workers.workers[SECOND].pk, 1: workers.workers[SECOND].pk}, "至少选择一个新网格"),
    ):  # fmt: skip
        with pytest.raises(RuleViolation, match=words):
            adjust_grids(actor=ground.actor("street"), adjustment=split(ground, takers=takers))
    assert not Grid.objects.filter(code=EAST).exists()


def test_the_page_offers_the_community_s_other_workers(ground: Ground, workers: Workers) -> None:
    street: Client = client_of(ground.world.accounts["street"])
    address = f"/desk/chain/grids/{FIRST}/adjust/"
    own = [one for one in ground.buildings if one.place_code == FIRST]
    data = {
        "name_0": "西片", "name_1": "东片", "effective_on": TODAY.isoformat(), "document": "演网〔2026〕5号", "step": "preview",
        **{f"building_{one.pk}": str(int(at > 1)) for at, one in enumerate(own)},
        f"worker_{workers.workers[FIRST].pk}": ["0"], "taker_1": workers.workers[SECOND].pk,
    }  # fmt: skip
    shown = street.post(address, data)
    assert shown.status_code == 200 and "第 2 部分交给" in shown.content.decode()
    assert not [name for name in shown.context["form"].fields if name == f"taker_{len(own)}"]
    names = [label for _pk, label in shown.context["form"].fields["taker_1"].choices]
    assert len(names) == 4 and workers.workers[FIRST].person.name not in "".join(map(str, names[1:]))
    wrong = street.post(address, data | {"taker_1": workers.workers[FIRST].pk})
    assert "有效" in wrong.content.decode() or wrong.context["form"].errors["taker_1"]
    assert "合并后由谁管" in street.get(f"{address}?kind=merge").content.decode()
