"""What closed unkept becomes a matter; a record or a document ends it, and taken back they raise it again."""

import datetime as dt

import pytest

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services import apply_transition
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.obligations.models import Occurrence
from doorstep.kernel.obligations.selectors import state_of
from doorstep.kernel.obligations.services_deriving import derive
from doorstep.kernel.obligations.services_exemptions import NewExemption, exempt, withdraw_exemption
from doorstep.kernel.obligations.services_minutes import cancel_minutes
from doorstep.kernel.obligations.services_past import bring_minutes
from doorstep.kernel.obligations.services_supervision import raise_overdue
from doorstep.kernel.organisations.services import dissolve_unit
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from tests.obligations.world import SINCE, TODAY
from tests.organisations.world import SYSTEM

DAY = dt.date.fromisoformat
APRIL = dt.datetime(2026, 4, 20, 10, tzinfo=clock.DISTRICT_ZONE)


@pytest.fixture
def matter(world) -> Matter:
    """The branch's assembly of the first quarter, and the group's meeting of March, and of the community feedback and joint activities, were not held."""
    with clock.fixed(APRIL):
        assert raise_overdue() == 4 and raise_overdue() == 0
    return world.row("2026-03-31").matter


def excused(world, **more) -> NewExemption:
    given = {
        "code": "assembly", "unit_id": world.branch.pk, "since": DAY("2026-01-01"), "until": DAY("2026-03-31"),
        "document": "演示〔2026〕8号", "reason": "支部正在换届",
    } | more  # fmt: skip
    return NewExemption(**given)


def now(matter: Matter) -> str:
    return Matter.objects.get(pk=matter.pk).state


def test_overdue_ones_are_asked_after_by_the_nearest_above(world, matter):
    assert (
        matter.holder == world.units["community"] and matter.place_code == world.row("2026-03-31").place_code
    )
    assert "演示第一支部：党员大会逾期" in matter.title and matter.due_at is not None
    assert matter.source == "platform"  # nobody in an office brought it
    group = Occurrence.objects.get(unit=world.units["group"], code="group", ends_on=DAY("2026-03-31"))
    assert group.matter.holder == world.units["community"]  # a branch takes no matters on
    assert not Occurrence.objects.filter(
        unit=world.units["group"], ends_on=DAY("2026-02-28"), matter__isnull=False
    )


def test_a_record_makes_it_up_and_cancelled_raises_it_again(world, matter):
    world.held("2026-05-20")
    assert now(matter) == "raised"  # the second quarter's own
    second = world.held("2026-06-01")
    assert now(matter) == "made_up" and state_of(world.row("2026-03-31"), TODAY) == "late"
    cancel_minutes(actor=world.actor("secretary"), minutes_id=second.pk, reason="登记错了")
    assert now(matter) == "raised" and Matter.objects.get(pk=matter.pk).is_open


def test_who_explains_does_not_let_it_rest_and_nobody_can_say_done(world, matter):
    secretary, street = world.actor("secretary"), world.actor("street")
    for name in ("make_up", "exempt", "rest"):
        with pytest.raises((NotAllowed, RuleViolation)):
            apply_transition(actor=street, matter_id=matter.pk, name=name, inputs=Inputs(internal="办了"))
    apply_transition(actor=secretary, matter_id=matter.pk, name="explain", inputs=Inputs(internal="书记住院"))
    with pytest.raises(NotAllowed):
        apply_transition(actor=secretary, matter_id=matter.pk, name="rest", inputs=Inputs(internal="算了"))
    apply_transition(actor=street, matter_id=matter.pk, name="rest", inputs=Inputs(internal="属实"))
    assert (
        now(matter) == "rested" and state_of(world.row("2026-03-31"), TODAY) == "overdue"
    )  # it was not held all the same


def test_a_document_excuses_and_withdrawn_it_is_owed_again(world, matter):
    street = world.actor("street")
    row = exempt(actor=street, new=excused(world))
    assert now(matter) == "exempted" and state_of(world.row("2026-03-31"), TODAY) == "exempt"
    world.held("2026-05-20")
    world.held("2026-06-01")
    assert world.row("2026-03-31").proof is None  # nothing is used up on what is excused
    withdraw_exemption(actor=street, exemption_id=row.pk)
    assert state_of(world.row("2026-03-31"), TODAY) == "late" and now(matter) == "made_up"
    with pytest.raises(RuleViolation, match="已经撤销"):
        withdraw_exemption(actor=street, exemption_id=row.pk)


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"document": " "}, "document", "须有批准文号"), ({"reason": ""}, "reason", "理由"), ({"until": DAY("2025-12-31")}, "until", "不能早于"),
        ({"until": DAY("2029-01-01")}, "until", "两年"), ({"code": "none"}, "code", "没有这条规则"), ({"code": "group"}, "since", "不用豁免"),
    ],
)  # fmt: skip
def test_an_exemption_that_cannot_be_is_refused_in_words(world, more, field, words):
    with pytest.raises(RuleViolation, match=words) as refused:
        exempt(actor=world.actor("street"), new=excused(world, **more))
    assert refused.value.field == field


def test_who_excuses(world):
    with pytest.raises(NotAllowed):
        exempt(actor=world.actor("secretary"), new=excused(world))
    with pytest.raises(NotVisible):
        exempt(actor=world.actor("outsider"), new=excused(world))


def test_what_is_owed_again_is_asked_after_however_late_its_record_is_taken_back(world):
    """Held in March, cancelled in June: overdue since April, and asked after like any other."""
    row = world.held("2026-03-20")
    cancel_minutes(actor=world.actor("secretary"), minutes_id=row.pk, reason="没有开")
    matter = world.row("2026-03-31").matter
    assert matter is not None and matter.state == "raised"
    raise_overdue()
    assert world.row("2026-03-31").matter == matter


def test_what_is_no_longer_excused_is_asked_after(world):
    row = exempt(actor=world.actor("street"), new=excused(world))
    withdraw_exemption(actor=world.actor("street"), exemption_id=row.pk)
    assert world.row("2026-03-31").matter is not None


def test_what_two_documents_excuse_is_excused_while_one_stands(world, matter):
    street = world.actor("street")
    first = exempt(actor=street, new=excused(world))
    second = exempt(actor=street, new=excused(world, until=DAY("2026-06-30"), document="演示〔2026〕9号"))
    withdraw_exemption(actor=street, exemption_id=first.pk)
    assert world.row("2026-03-31").exemption == second and now(matter) == "exempted"
    withdraw_exemption(actor=street, exemption_id=second.pk)
    assert world.row("2026-03-31").exemption is None and now(matter) == "raised"


def test_minutes_brought_in_end_the_supervision_of_what_they_make_up(world, matter):
    cases = [world.meeting("2026-05-20"), world.meeting("2026-06-01")]
    bring_minutes(actor=SYSTEM, cases=cases, since=SINCE)
    assert world.row("2026-03-31").proof_id is not None and now(matter) == "made_up"


def test_nothing_more_is_asked_of_a_unit_that_has_ended(world, matter):
    asked = world.row("2026-03-31", "group", "group").matter
    with clock.fixed(APRIL):
        dissolve_unit(
            actor=SYSTEM, unit_id=world.units["group"].pk, effective_on=DAY("2026-04-30"), document="演示〔2026〕9号",
        )  # fmt: skip
        derive(actor=SYSTEM)
        assert now(asked) == "raised", "it is still there"
    for _night in range(2):
        derive(actor=SYSTEM)
        raise_overdue()
        assert now(asked) == "rested" and Matter.objects.get(pk=asked.pk).is_open is False
    row = world.row("2026-03-31", "group", "group")
    assert state_of(row, TODAY) == "overdue", "it was not held all the same"
    assert now(matter) == "raised", "others are asked as before"
