"""What is owed follows the rules, the units and the calendar; what is past stands."""

import datetime as dt

import pytest

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.obligations.models import Occurrence, Rule
from doorstep.kernel.obligations.services_deriving import Derived, derive
from doorstep.kernel.obligations.services_rules import NewRule, end_rule, next_periods, set_rule
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.services_appointments import appoint
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from tests.obligations.world import SINCE, TODAY
from tests.organisations.world import ABROAD, COMMUNITY, DISTRICT, SYSTEM, branch, officer, person

MONTHLY = "FREQ=MONTHLY;BYMONTHDAY=-1"
DAY = dt.date.fromisoformat


def changed(**more) -> NewRule:
    row = Rule.objects.filter(code="assembly").latest("valid_from")
    given = {
        "code": row.code, "name": row.name, "unit_kinds": tuple(row.unit_kinds), "place_code": row.place_code,
        "proof": row.proof, "needs": tuple(row.needs), "rhythm": MONTHLY, "clause": "演示依据", "valid_from": DAY("2026-08-15"),
    } | more  # fmt: skip
    return NewRule(**given)


def ends_of(unit, code: str = "assembly") -> list[str]:
    rows = Occurrence.objects.filter(unit=unit, code=code).order_by("ends_on")
    return [f"{row.ends_on}" for row in rows]


def test_each_unit_owes_what_its_kind_does_and_deriving_again_changes_nothing(world):
    quarters = [f"2026-{end}" for end in ("03-31", "06-30", "09-30", "12-31")]
    assert ends_of(world.branch)[:4] == quarters and len(ends_of(world.branch)) == 8
    assert len(ends_of(world.units["group"], "group")) == 24
    assert len(ends_of(world.units["community"], "joint_meeting")) == 4
    assert ends_of(world.branch, "committee") == []  # nobody sits in a committee
    assert ends_of(world.units["group"]) == []
    june = world.row("2026-06-30")
    assert (june.place_code, june.opens_on, june.due_on, june.closes_on) == (
        COMMUNITY, DAY("2026-04-01"), DAY("2026-06-30"), DAY("2026-07-07"),
    )  # fmt: skip
    assert derive(actor=SYSTEM, since=SINCE) == Derived()


def test_units_that_come_move_and_go(world):
    late = branch("演示新支部", ABROAD, founded_on=DAY("2026-05-10"))
    appoint(
        actor=SYSTEM,
        person_id=person("演示委员").pk,
        post="branch_committee_member",
        unit_id=world.branch.pk,
        valid_from=TODAY,
        document="演示〔2026〕1号",
    )
    derive(actor=SYSTEM)
    assert ends_of(late)[0] == "2026-09-30"  # not the quarter it was founded in
    assert ends_of(world.branch, "committee")[0] == "2026-06-30"
    organisations.move_unit(
        actor=SYSTEM, unit_id=late.pk, effective_on=TODAY, place_code=COMMUNITY, document="演示〔2026〕2号"
    )
    organisations.dissolve_unit(
        actor=SYSTEM,
        unit_id=world.units["group"].pk,
        effective_on=DAY("2026-07-31"),
        document="演示〔2026〕3号",
    )
    organisations.dissolve_unit(
        actor=SYSTEM, unit_id=world.branch.pk, effective_on=DAY("2026-08-01"), document="演示〔2026〕3号"
    )
    derive(actor=SYSTEM)
    assert set(Occurrence.objects.filter(unit=late).values_list("place_code", flat=True)) == {COMMUNITY}
    assert ends_of(world.branch) == [
        "2026-03-31",
        "2026-06-30",
    ]  # past ones stand, the broken quarter is not owed


def test_a_rule_changed_in_mid_period_leaves_what_has_begun(world):
    new = changed()
    shown = [row.ends_on.isoformat() for row in next_periods(new)]
    assert shown == ["2026-06-30", "2026-09-30", "2026-10-31", "2026-11-30", "2026-12-31", "2027-01-31"]
    set_rule(actor=world.actor("district"), new=new)
    assert ends_of(world.branch)[1:7] == shown
    assert set(
        Occurrence.objects.filter(
            unit=world.branch, code="assembly", ends_on__lte=DAY("2026-09-30")
        ).values_list("rule__version", flat=True)
    ) == {1}
    with pytest.raises(Conflict, match="2026-08-15"):
        set_rule(actor=world.actor("district"), new=changed(valid_from=DAY("2026-08-01")))
    with pytest.raises(RuleViolation, match="明天或以后"):
        set_rule(actor=world.actor("district"), new=changed(valid_from=TODAY))
    end_rule(
        actor=world.actor("district"),
        rule_id=Rule.objects.get(code="assembly", version=2).pk,
        valid_to=DAY("2026-12-10"),
    )
    assert ends_of(world.branch)[-1] == "2026-11-30"


def test_a_version_that_has_not_begun_is_said_anew(world):
    district = world.actor("district")
    wrong = set_rule(actor=district, new=changed())
    assert "2026-10-31" in ends_of(world.branch)
    right = changed(rhythm="FREQ=MONTHLY;BYMONTH=6,12;BYMONTHDAY=-1")
    shown = [row.ends_on.isoformat() for row in next_periods(right)]
    assert set_rule(actor=district, new=right).pk == wrong.pk
    assert ends_of(world.branch)[1:3] == shown[:2] == ["2026-06-30", "2026-09-30"]
    assert ends_of(world.branch)[3:] == ["2027-06-30", "2027-12-31"], (
        "the first half-year after what has begun"
    )
    assert list(Rule.objects.filter(code="assembly").order_by("version").values_list("version", "valid_to")) == [
        (1, DAY("2026-08-15")), (2, None),
    ]  # fmt: skip
    told = Entry.objects.filter(action="obligations.rule_set").latest("pk")
    assert told.changes["rhythm"] == [MONTHLY, right.rhythm]
    with clock.fixed(DAY("2026-08-15")), pytest.raises(RuleViolation, match="明天或以后"):
        set_rule(actor=district, new=right)


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"rhythm": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"}, "rhythm", "2 月没有 31 日，这一天永远不会到"),
        ({"rhythm": "FREQ=MONTHLY;BYMONTHDAY=31"}, "rhythm", "会漏掉一次"), ({"rhythm": "每月"}, "rhythm", "看不懂"),
        ({"unit_kinds": ()}, "unit_kinds", "类型"), ({"post": "grid_worker"}, "post", "没有这个岗位"), ({"proof": "photo"}, "proof", "凭哪种记录"),
        ({"proof": "lecture"}, "needs", "没有这个条件"), ({"grace": 99}, "grace", "工作日"), ({"window": 999}, "window", "天数"),
        ({"clause": " "}, "clause", "依据"), ({"code": "中文"}, "code", "小写字母"), ({"valid_from": DAY("2036-01-01")}, "valid_from", "三年"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused_in_words(db, given, field, words):
    with pytest.raises(RuleViolation, match=words) as refused:
        set_rule(actor=officer("district_officer", DISTRICT), new=changed(**given))
    assert refused.value.field == field and Rule.objects.filter(code="assembly").count() == 1


def test_who_sets_rules(world):
    with pytest.raises(NotAllowed):
        set_rule(actor=world.actor("street"), new=changed())
    with pytest.raises(NotVisible):
        set_rule(actor=world.actor("district"), new=changed(place_code="310101"))


def test_the_past_is_not_derived_anew(world):
    """A branch recorded late, with an old founding day, owes from now on; a night's derivation adds nothing to what is over."""
    old = branch("演示补登支部", COMMUNITY, founded_on=DAY("2020-01-01"))
    with clock.fixed(DAY("2026-07-20")):
        derive(actor=SYSTEM)
    assert ends_of(old)[0] == "2026-09-30"
