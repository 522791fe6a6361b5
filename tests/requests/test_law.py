"""What the table of requests and whistles cannot show by itself: who did what before decides who may do what next."""

import datetime as dt

import pytest

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.indicators import all_indicators
from doorstep.kernel.declarations.registers import register
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services import next_steps
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from doorstep.kernel.web.register_pages.asking import Asked, figure_asked
from doorstep.modules.requests.models import CallBack, Rating
from doorstep.modules.requests.services_feedback import call_back, rate
from tests.requests import world as making
from tests.requests.world import COMMUNITY, STREET, clock, closed, reported, step


def names(world, who: str, matter: Matter) -> set[str]:
    return {row.name for row in next_steps(world[who], Matter.objects.get(pk=matter.pk))}


def test_a_holder_that_does_it_itself_keeps_it(world):
    matter = reported(world).matter
    step(world, "street", matter, "dispatch", unit_id=world.department.pk)
    taken = step(world, "worker", matter, "accept", note="离得近，我去")
    assert (taken.holder_id, taken.asked_id) == (world.committee.pk, None)
    assert taken.handler_id == world.people["worker"].pk and taken.state == "in_progress"


def test_who_objects_does_not_decide_on_the_objection(world):
    matter = reported(world).matter
    step(world, "worker", matter, "raise", unit_id=world.street.pk, internal="社区修不了")
    step(world, "street", matter, "object", internal="不归街道")
    assert not {"dispatch", "confirm"} & names(world, "street", matter)
    with pytest.raises(NotAllowed, match="被派办的单位"):
        step(world, "street", matter, "dispatch", unit_id=world.committee.pk)
    with pytest.raises(NotAllowed, match="被派办的单位"):
        step(world, "street", matter, "confirm", internal="维持")
    assert step(world, "district", matter, "confirm", internal="街道先看").asked_id == world.street.pk


def test_each_unit_may_return_once(world):
    second: Unit = making.add_unit("department", "演示园林处")
    making.add_actor(world, "gardener", "department_officer", second, making.DISTRICT)
    matter = reported(world).matter
    for who, unit in (("department", world.department), ("gardener", second)):
        step(world, "street", matter, "dispatch", unit_id=unit.pk)
        assert "return" in names(world, who, matter)
        step(world, who, matter, "return", internal="不归我们")
    step(world, "street", matter, "dispatch", unit_id=world.department.pk)
    assert "return" not in names(world, "department", matter)
    with pytest.raises(RuleViolation, match="已经用过"):
        step(world, "department", matter, "return", internal="还是不归我们")


def test_who_handled_once_never_checks(world):
    matter = reported(world).matter
    step(world, "community", matter, "accept")
    step(world, "community", matter, "handle", note="换了灯泡")
    step(world, "street", matter, "rework", internal="还是不亮")
    step(world, "worker", matter, "handle", note="换了线")
    assert "verify" not in names(world, "community", matter)
    with pytest.raises(NotAllowed, match="您办理过这件事"):
        step(world, "community", matter, "verify", note="看过了")
    assert step(world, "street", matter, "verify", note="看过了").state == "closed"


def test_who_passed_it_on_without_doing_it_may_check(world):
    matter = reported(world).matter
    step(world, "community", matter, "accept")
    step(world, "community", matter, "hand_over", person_id=world.people["worker"].pk)
    step(world, "worker", matter, "handle", note="换了线")
    assert step(world, "community", matter, "verify", note="看过了").state == "closed"


def test_a_late_rating_is_kept_and_moves_nothing(world):
    matter = closed(world)
    with clock.fixed(making.TODAY + dt.timedelta(days=31)):
        rate(actor=world["resident"], matter_id=matter.pk, solved=False, satisfaction=1, words="又坏了")
        assert Matter.objects.get(pk=matter.pk).state == "closed" and Rating.objects.count() == 1
        call_back(
            actor=world["caller"],
            matter_id=matter.pk,
            valid=True,
            contacted=True,
            solved=False,
            satisfaction=1,
        )
        assert Matter.objects.get(pk=matter.pk).state == "closed" and CallBack.objects.count() == 1


def sealed_and_called_back(world) -> Matter:
    matter = closed(world, item_code="disp.family", text="家里的事请不要外传")
    assert matter.confidentiality == Matter.SEALED
    call_back(
        actor=world["caller"], matter_id=matter.pk, valid=True, contacted=True, solved=True, satisfaction=5
    )
    return matter


def test_rows_of_a_figure_are_those_of_its_register(world):
    """A sealed request counts, and is shown to nobody who may not see it."""
    matter = sealed_and_called_back(world)
    plain = closed(world)
    making.add_actor(
        world, "helper", "community_worker", making.add_unit("department", "演示帮办站"), COMMUNITY
    )
    for key in [each.key for each in all_indicators() if each.key.startswith("requests.")]:
        subject = next(each for each in all_indicators() if each.key == key)
        assert subject.register, key
        assert matter.pk not in rows(world, "helper", subject), key
    subject = next(each for each in all_indicators() if each.key == "requests.handle_median")
    assert rows(world, "street", subject) == {matter.pk, plain.pk}
    assert rows(world, "helper", subject) == {plain.pk}


def rows(world, who: str, subject) -> set[int]:
    found = register(subject.register)
    query = {"figure": subject.key, "figure_since": making.TODAY.isoformat()}
    try:
        measured = figure_asked(found, COMMUNITY, making.TODAY, query)
        asked = Asked(
            register=found, actor=world[who], place_code=COMMUNITY, on=making.TODAY, figure=measured
        )
        return {getattr(row, "request_id", row.pk) for row in asked.rows}
    except NotAllowed:
        return set()


def test_call_backs_of_sealed_requests_are_for_those_who_may(world):
    sealed_and_called_back(world)
    assert policy_for(CallBack).visible_to(world["caller"]).count() == 1
    assert policy_for(CallBack).visible_to(world["community"]).count() == 0
    assert world["community"].holds("requests.view", COMMUNITY) and not world["community"].holds(
        "matters.see_sealed", STREET
    )
