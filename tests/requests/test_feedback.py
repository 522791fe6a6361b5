"""What reporters say counts, once, and dissatisfaction is answered by somebody; lots can be drawn again."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from doorstep.kernel.indicators.selectors import figures
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.requests import rules, selectors_call_backs
from doorstep.modules.requests.models import CallBack, Rating, Sample
from doorstep.modules.requests.services import Report, on_the_spot
from doorstep.modules.requests.services_feedback import call_back, draw_sample, rate, spot_check
from doorstep.modules.requests.services_steps import ask_reopening
from tests.requests import world as making
from tests.requests.world import GRID, STREET, closed, reported, step

GOOD = {"valid": True, "contacted": True, "solved": True, "satisfaction": 5}


def test_a_good_call_back_counts_once(world):
    matter = closed(world)
    row = call_back(actor=world["caller"], matter_id=matter.pk, **GOOD)
    assert (row.place_code, row.closing) == (GRID, 4)
    assert Matter.objects.get(pk=matter.pk).state == "closed"
    with pytest.raises(RuleViolation, match="已经回访过"):
        call_back(actor=world["caller"], matter_id=matter.pk, **GOOD)


def test_an_invalid_one_says_why_and_may_be_followed_by_a_valid_one(world):
    matter = closed(world)
    with pytest.raises(RuleViolation, match="选明原因"):
        call_back(actor=world["caller"], matter_id=matter.pk, valid=False)
    row = call_back(
        actor=world["caller"], matter_id=matter.pk, valid=False, invalid_reason="no_answer", solved=True
    )
    assert (row.solved, row.satisfaction) == (None, None)
    call_back(actor=world["caller"], matter_id=matter.pk, **GOOD)
    assert CallBack.objects.filter(request_id=matter.pk).count() == 2


def test_the_database_keeps_valid_and_invalid_apart(world):
    row = call_back(actor=world["caller"], matter_id=closed(world).pk, **GOOD)
    for change in ({"valid": False}, {"solved": None}, {"satisfaction": 6}, {"invalid_reason": "other"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CallBack.objects.filter(pk=row.pk).update(**change)


@pytest.mark.parametrize(
    "answer", [{"solved": False, "satisfaction": 4}, {"solved": True, "satisfaction": 2}]
)
def test_dissatisfaction_is_a_reopening_asked(world, answer):
    matter = closed(world)
    call_back(actor=world["caller"], matter_id=matter.pk, **(GOOD | answer), words="又坏了")
    assert Matter.objects.get(pk=matter.pk).state == "reopening_asked"
    with pytest.raises(NotAllowed):
        step(world, "worker", matter, "reopen", note="再办")
    assert step(world, "community", matter, "reopen", note="再去看看").state == "in_progress"


def test_who_handled_it_never_calls_back(world):
    matter = reported(world).matter
    step(world, "street", matter, "dispatch", unit_id=world.street.pk)
    step(world, "caller", matter, "accept")
    step(world, "street", matter, "handle", note="办好")
    step(world, "community", matter, "verify", note="看过")
    for who in ("caller", "street"):
        with pytest.raises(NotAllowed, match="须由他人"):
            call_back(actor=world[who], matter_id=matter.pk, **GOOD)
    with pytest.raises(NotAllowed, match="不能回访"):
        call_back(actor=world["community"], matter_id=matter.pk, **GOOD)
    with pytest.raises(NotVisible):
        call_back(actor=world["outsider"], matter_id=matter.pk, **GOOD)


def test_nothing_is_judged_before_it_is_closed(world):
    matter = reported(world).matter
    with pytest.raises(RuleViolation, match="结案后才能"):
        call_back(actor=world["caller"], matter_id=matter.pk, **GOOD)
    with pytest.raises(RuleViolation, match="结案后才能"):
        rate(actor=world["resident"], matter_id=matter.pk, solved=True, satisfaction=5)


def test_the_reporter_rates_each_outcome_once(world):
    matter = closed(world)
    with pytest.raises(NotAllowed, match="只有报告人"):
        rate(actor=world["community"], matter_id=matter.pk, solved=True, satisfaction=5)
    with pytest.raises(RuleViolation, match="满意程度"):
        rate(actor=world["resident"], matter_id=matter.pk, solved=True, satisfaction=9)
    rate(actor=world["resident"], matter_id=matter.pk, solved=False, satisfaction=1, words="没修")
    step(world, "community", matter, "decline_reopen", note="已约明天")
    with pytest.raises(RuleViolation, match="已经评价过"):
        rate(actor=world["resident"], matter_id=matter.pk, solved=True, satisfaction=5)
    ask_reopening(actor=world["resident"], matter_id=matter.pk, note="还是没来")
    step(world, "community", matter, "reopen", note="再办")
    step(world, "worker", matter, "handle", note="换了")
    step(world, "community", matter, "verify", note="亮了")
    rate(actor=world["resident"], matter_id=matter.pk, solved=True, satisfaction=4)
    assert Rating.objects.filter(request_id=matter.pk).count() == 2


def test_reopening_has_a_term(world):
    matter = closed(world)
    with clock.fixed(making.TODAY + dt.timedelta(days=31)), pytest.raises(RuleViolation, match="超过 30 天"):
        ask_reopening(actor=world["resident"], matter_id=matter.pk, note="又坏")
    assert ask_reopening(actor=world["resident"], matter_id=matter.pk, note="又坏").state == "reopening_asked"


def settled(world, number, **more):
    for index in range(number):
        new = Report(
            source="worker", text=f"第{index}件杂物", place_code=GRID, item_code="env.corridor",
            reporter_id=more.get("reporter_id"), anonymous=more.get("anonymous", False),
        )  # fmt: skip
        on_the_spot(actor=world[more.get("by", "community")], new=new, note="清走了")


def test_the_sample_is_a_lot_anybody_can_draw_again(world):
    settled(world, 12, reporter_id=world.people["resident"].pk)
    with pytest.raises(RuleViolation, match="还没有过完"):
        draw_sample(actor=world["street"], place_code=STREET, month=making.TODAY)
    with clock.fixed(dt.date(2026, 7, 1)):
        drawn = draw_sample(actor=world["street"], place_code=STREET, month=making.TODAY)
        assert len(drawn) == 3 and all(not row.request.anonymous for row in drawn)
        assert draw_sample(actor=world["street"], place_code=STREET, month=making.TODAY) == []
        with pytest.raises(NotVisible):
            draw_sample(actor=world["outsider"], place_code=STREET, month=making.TODAY)
        call_back(actor=world["caller"], matter_id=drawn[0].request_id, **GOOD)
    assert Sample.objects.filter(done_at=None).count() == 2


def looked_at(world, number=1, by="worker"):
    """What the grid worker settled and nobody told, drawn for a look."""
    settled(world, number, by=by)
    with clock.fixed(dt.date(2026, 7, 1)):
        return draw_sample(actor=world["street"], place_code=STREET, month=making.TODAY)


def test_what_nobody_told_is_drawn_for_a_look_beside_the_call_backs(world):
    settled(world, 5, reporter_id=world.people["resident"].pk)
    drawn = looked_at(world, 40)
    untold = [row for row in drawn if row.request.matter.reporter_id is None]
    assert (len(drawn), len(untold)) == (3 + 4, 4)
    assert selectors_call_backs.to_call(world["caller"], sampled=True).count() == 3
    assert selectors_call_backs.to_look_at(world["community"]).count() == 4
    assert not selectors_call_backs.to_look_at(world["worker"]).exists()


def test_a_look_that_finds_it_done_is_no_call_back(world):
    (row,) = looked_at(world)
    look = spot_check(actor=world["community"], matter_id=row.request_id, valid=True, words="都清走了")
    assert (look.valid, look.invalid_reason, look.place_code) == (True, "", GRID)
    assert Sample.objects.get().done_at == look.at and not CallBack.objects.exists()
    keys = ["requests.valid_call_backs", "requests.resolution_rate", "requests.response_rate"]
    assert {each.value for each in figures(STREET, on=making.TODAY, since=making.TODAY, keys=keys)} <= {
        0,
        None,
    }
    with pytest.raises(RuleViolation, match="已经抽查过"):
        spot_check(actor=world["street"], matter_id=row.request_id, valid=True)
    assert not selectors_call_backs.to_look_at(world["street"]).exists()


def test_found_undone_it_is_taken_up_again(world):
    (row,) = looked_at(world)
    who = {"actor": world["community"], "matter_id": row.request_id, "valid": False}
    for given, field in (({}, "invalid_reason"), ({"invalid_reason": "not_done"}, "words")):
        with pytest.raises(RuleViolation) as refused:
            spot_check(**who, **given)
        assert refused.value.field == field
    spot_check(**who, invalid_reason="not_done", words="垃圾还在")
    matter = Matter.objects.get(pk=row.request_id)
    assert matter.state == "reopening_asked" and matter.due_at is not None
    with pytest.raises(NotAllowed):
        step(world, "worker", matter, "reopen", note="再去")
    assert step(world, "community", matter, "reopen", note="再去清").state == "in_progress"


def test_who_recorded_it_never_looks_nor_who_has_no_office_there(world):
    (row,) = looked_at(world, by="community")
    for who in ("community", "worker", "caller_elsewhere"):
        actor = world.actors.get(who) or making.add_actor(world, who, "grid_worker", world.committee, GRID)
        with pytest.raises(NotAllowed):
            spot_check(actor=actor, matter_id=row.request_id, valid=True)
    with pytest.raises(NotVisible):
        spot_check(actor=world["outsider"], matter_id=row.request_id, valid=True)
    told = closed(world)
    with pytest.raises(RuleViolation, match="没有抽到"):
        spot_check(actor=world["street"], matter_id=told.pk, valid=True)


def test_a_lot():
    first = rules.drawn(range(100), seed="2026-06:x", share=0.1, least=3)
    assert first == rules.drawn(reversed(range(100)), seed="2026-06:x", share=0.1, least=3)
    assert len(first) == 10 and first != rules.drawn(range(100), seed="2026-07:x", share=0.1, least=3)
    assert rules.drawn([5, 6], seed="s", share=0.1, least=3) == [5, 6]
    assert rules.drawn([], seed="s", share=0.1, least=3) == []


def test_what_waits_is_shown_to_who_may_do_it(world):
    from doorstep.kernel.access.policies import policy_for
    from doorstep.kernel.declarations.work import all_providers
    from doorstep.modules.requests.models import RoutingRule

    matter = closed(world)
    call_back(actor=world["caller"], matter_id=matter.pk, **(GOOD | {"solved": False}))
    settled(world, 4, reporter_id=world.people["resident"].pk)
    RoutingRule.objects.update(valid_to=dt.date(2026, 6, 1))
    reported(world)
    asked = {"requests.reopenings", "requests.samples", "requests.faults"}
    waits = {each.key: each for each in all_providers() if each.key in asked}
    with clock.fixed(dt.date(2026, 7, 1)):
        draw_sample(actor=world["street"], place_code=STREET, month=making.TODAY)

    def numbers(who):
        return {key: each.items(world[who], making.TODAY, 5)[1] for key, each in waits.items()}

    assert numbers("street") == {"requests.reopenings": 1, "requests.samples": 3, "requests.faults": 1}
    assert numbers("community") == {"requests.reopenings": 1, "requests.samples": 0, "requests.faults": 0}
    assert set(numbers("outsider").values()) == set(numbers("resident").values()) == {0}
    assert policy_for(Sample).visible_to(world["street"]).count() == 3
