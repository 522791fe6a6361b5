"""Agreements with partner units: signed, renewed, ended; who leaves takes nothing along and leaves nothing hanging."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters.models import Matter, Notice
from doorstep.kernel.matters.services import NewMatter, open_matter
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.services import dissolve_unit
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.partnership import selectors
from doorstep.modules.partnership.models import Agreement, Nomination
from doorstep.modules.partnership.services import end_agreement, renew_agreement
from doorstep.modules.partnership.services_committee import publicise
from doorstep.modules.partnership.services_leaving import settle_lapsed
from tests.organisations.world import COMMUNITY, DISTRICT, STREET, SYSTEM
from tests.partnership.world import NOW, TODAY

DAY = dt.timedelta(days=1)


def test_a_unit_agrees_with_a_community_or_a_street_for_a_period(world):
    row = world.agreed()
    assert selectors.is_partner(row.unit_id, COMMUNITY) and not selectors.is_partner(row.unit_id, STREET)
    wide = world.agreed("school", role="street", place_code=STREET)
    assert selectors.is_partner(wide.unit_id, COMMUNITY)  # with the street: with each of its communities
    assert list(Entry.objects.filter(action="partnership.signed").values_list("target_id", flat=True)) == [
        str(row.pk),
        str(wide.pk),
    ]


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"valid_to": dt.date(2026, 1, 1)}, "valid_to", "晚于起日"),
        ({"valid_to": dt.date(2032, 1, 2)}, "valid_to", "最长 5 年"),
        ({"document": " "}, "document", "协议编号"), ({"about": ""}, "about", "共建内容"),
        ({"about": "长" * 401}, "about", "最多 400"),
        ({"valid_from": dt.date(2020, 1, 1), "valid_to": dt.date(2021, 1, 1)}, "unit", "还没有成立"),
    ],
)  # fmt: skip
def test_what_cannot_be_agreed_is_refused_at_its_field(world, more, field, words):
    with pytest.raises(RuleViolation, match=words) as refused:
        world.agreed(**more)
    assert refused.value.field == field and not Agreement.objects.exists()


def test_a_party_organisation_is_no_partner_and_a_district_signs_none(world):
    with pytest.raises(RuleViolation, match="不能作为共建单位"):
        world.agreed("community")
    with pytest.raises(RuleViolation, match="由社区或者街道签订"):
        world.agreed(role="district", place_code=DISTRICT)


def test_one_agreement_at_a_time_in_a_place_also_by_the_database(world):
    row = world.agreed()
    with pytest.raises(RuleViolation, match="时间不能重叠"):
        world.agreed(document="演示共建〔2026〕2号")
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.create(
            unit_id=row.unit_id,
            place_code=COMMUNITY,
            valid_from=TODAY,
            valid_to=TODAY + DAY,
            about="a",
            document="b",
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.create(
            unit_id=row.unit_id, place_code=STREET, valid_from=TODAY, about="a", document="b"
        )


def test_who_may_and_where_nothing_exists(world):
    for role, refusal in (
        ("worker", NotAllowed),
        ("member", NotAllowed),
        ("partner2", NotAllowed),
        ("outsider", NotVisible),
    ):
        with pytest.raises(refusal):
            world.agreed(role=role)
    row = world.agreed()
    seen = {role: policy_for(Agreement).visible_to(world.actor(role)).filter(pk=row.pk).exists() for role in
            ("secretary", "street", "district", "worker", "partner", "partner2", "department", "outsider")}  # fmt: skip
    assert [role for role, found in seen.items() if found] == [
        "secretary",
        "street",
        "district",
        "worker",
        "partner",
    ]
    with pytest.raises(NotVisible):
        end_agreement(actor=world.actor("outsider"), agreement_id=row.pk, on=TODAY + DAY, reason="搬走")
    with pytest.raises(NotAllowed):
        end_agreement(actor=world.actor("partner"), agreement_id=row.pk, on=TODAY + DAY, reason="搬走")


def test_it_runs_out_in_thirty_days_and_is_renewed_without_a_gap(world):
    row = world.agreed(valid_to=TODAY + 20 * DAY)
    secretary = world.actor("secretary")
    assert list(selectors.expiring(secretary, TODAY + 30 * DAY)) == [row]
    assert not selectors.expiring(secretary, TODAY + 10 * DAY) and not selectors.expiring(
        world.actor("outsider"), TODAY + 30 * DAY
    )
    new = renew_agreement(
        actor=secretary, agreement_id=row.pk, valid_to=dt.date(2027, 7, 1), document="演示共建〔2026〕9号"
    )
    assert (new.valid_from, new.renews, new.about) == (row.valid_to, row, row.about)
    assert not selectors.expiring(secretary, TODAY + 30 * DAY)
    with pytest.raises(RuleViolation, match="已经续签过"):
        renew_agreement(actor=secretary, agreement_id=row.pk, valid_to=dt.date(2027, 7, 1), document="x")
    with pytest.raises(RuleViolation, match="请终止续签的那一份"):
        end_agreement(actor=secretary, agreement_id=row.pk, on=TODAY + DAY, reason="搬走")


def test_it_ends_before_its_time_with_a_reason(world):
    row, secretary = world.agreed(), world.actor("secretary")
    for on, words in ((dt.date(2027, 1, 1), "就不再有效"), (dt.date(2026, 1, 1), "须在其后")):
        with pytest.raises(RuleViolation, match=words):
            end_agreement(actor=secretary, agreement_id=row.pk, on=on, reason="搬走")
    with pytest.raises(RuleViolation, match="终止原因"):
        end_agreement(actor=secretary, agreement_id=row.pk, on=TODAY, reason=" ")
    ended = end_agreement(actor=secretary, agreement_id=row.pk, on=TODAY, reason="公司搬走")
    assert (ended.valid_to, ended.end_reason) == (TODAY, "公司搬走")
    assert not selectors.is_partner(row.unit_id, COMMUNITY)
    assert world.agreed(valid_from=TODAY, document="演示共建〔2026〕3号")
    with pytest.raises(RuleViolation, match="不能续签"):
        renew_agreement(actor=secretary, agreement_id=row.pk, valid_to=dt.date(2028, 1, 1), document="x")


def test_when_a_unit_leaves_its_commissioners_seat_ends_that_day_and_says_so(world):
    row = world.agreed()
    seat, waiting = world.seated(), world.nominated(name="演示另一人")
    on = TODAY + 5 * DAY
    end_agreement(actor=world.actor("secretary"), agreement_id=row.pk, on=on, reason="公司搬走")
    ended = Appointment.objects.get(nomination=seat)
    assert (ended.valid_to, ended.end_reason) == (on, "所在单位退出共建")
    assert (
        Notice.objects.filter(person_id=seat.person_id, about="partnership.seat", key="unit_left").count()
        == 1
    )
    waiting.matter.refresh_from_db()
    assert waiting.matter.state == "recommended"  # the day has not come
    with clock.fixed(dt.datetime.combine(on, dt.time(9), NOW.tzinfo)):
        assert settle_lapsed() == 1 and settle_lapsed() == 1
    waiting.matter.refresh_from_db()
    assert waiting.matter.state == "withdrawn"
    assert Appointment.objects.get(nomination=seat).valid_to == on
    assert Notice.objects.filter(about="partnership.seat", key="unit_left").count() == 1


def test_a_seat_that_had_not_begun_is_taken_back(world):
    row = world.agreed()
    seat = world.seated(valid_from=TODAY + 30 * DAY)
    end_agreement(actor=world.actor("secretary"), agreement_id=row.pk, on=TODAY + 10 * DAY, reason="公司搬走")
    assert not Appointment.objects.filter(post="part_time_commissioner").exists()
    assert Nomination.objects.get(pk=seat.pk).appointment is None


def test_what_ran_out_by_itself_ends_the_seat_too_unless_it_goes_on(world):
    row = world.agreed(valid_to=TODAY + 20 * DAY)
    other = world.agreed("school", valid_to=TODAY + 20 * DAY, document="演示共建〔2026〕5号")
    seat, kept = world.seated(), world.seated("school", "partner2", name="演示校长")
    renew_agreement(
        actor=world.actor("street"), agreement_id=other.pk, valid_to=dt.date(2027, 7, 1), document="续"
    )
    with clock.fixed(dt.datetime.combine(TODAY + 21 * DAY, dt.time(9), NOW.tzinfo)):
        settle_lapsed()
    assert Appointment.objects.get(nomination=seat).valid_to == row.valid_to
    assert Appointment.objects.get(nomination=kept).valid_to == dt.date(2028, 6, 15)


def test_what_is_refused_of_one_unit_keeps_no_other_from_being_settled(world):
    """A commissioner who still has a matter in hand for the community stays until it is handed over."""
    world.agreed(valid_to=TODAY + 20 * DAY)
    world.agreed("school", valid_to=TODAY + 20 * DAY, document="演示共建〔2026〕5号")
    held, free = world.seated(), world.seated("school", "partner2", name="演示校长")
    request = open_matter(
        actor=world.actor("secretary"),
        new=NewMatter(
            kind="request",
            place_code=COMMUNITY,
            title="路灯不亮",
            source="walk_in",
            category="",
            text="三号楼",
        ),
    ).matter
    Matter.objects.filter(pk=request.pk).update(
        holder_id=world.units["community"].pk, handler_id=held.person_id
    )
    with clock.fixed(NOW + 21 * DAY):
        settle_lapsed()
    seats = {
        row.nomination: row.valid_to for row in Appointment.objects.filter(post="part_time_commissioner")
    }
    assert seats == {held: dt.date(2028, 6, 15), free: TODAY + 20 * DAY}
    with clock.fixed(NOW + 22 * DAY):
        Matter.objects.filter(pk=request.pk).update(handler=None)
        settle_lapsed()
    assert Appointment.objects.get(nomination=held).valid_to == TODAY + 20 * DAY


def test_a_unit_ends_only_after_its_agreements(world):
    row = world.agreed()
    with pytest.raises(RuleViolation, match="请先终止协议"):
        dissolve_unit(actor=SYSTEM, unit_id=row.unit_id, effective_on=TODAY, document="演示〔2026〕7号")


def test_who_signed_anew_keeps_the_seat_that_the_new_agreement_gives(world):
    """The agreement ran out three days ago, the next one begins today: what it gives is not taken back in the night."""
    world.agreed(valid_to=TODAY - 3 * DAY)
    world.agreed(valid_from=TODAY, document="演示共建〔2026〕8号")
    seat = world.seated()
    settle_lapsed()
    assert Nomination.objects.get(pk=seat.pk).appointment is not None


def test_a_seat_ends_with_the_agreement_that_it_was_given_under(world):
    """Not on the day of an earlier one, on which it had not begun."""
    world.agreed(valid_to=TODAY - 3 * DAY)
    last = world.agreed(valid_from=TODAY, valid_to=TODAY + 5 * DAY, document="演示共建〔2026〕8号")
    seat = world.seated()
    with clock.fixed(NOW + 6 * DAY):
        settle_lapsed()
    assert Appointment.objects.get(nomination=seat).valid_to == last.valid_to


def test_a_seat_of_the_next_agreement_is_kept_while_the_gap_lasts(world):
    world.agreed(valid_to=TODAY - 3 * DAY)
    world.agreed(valid_from=TODAY + 5 * DAY, document="演示共建〔2026〕8号")
    seat, waiting = (
        world.seated(valid_from=TODAY + 5 * DAY),
        world.nominated(name="演示另一人", valid_from=TODAY + 5 * DAY),
    )
    settle_lapsed()
    assert Nomination.objects.get(pk=seat.pk).appointment is not None
    assert Matter.objects.get(pk=waiting.pk).state == "recommended"


def test_what_was_recommended_under_a_new_agreement_is_not_withdrawn(world):
    world.agreed(valid_to=TODAY - 3 * DAY)
    world.agreed(valid_from=TODAY, document="演示共建〔2026〕8号")
    row = world.nominated()
    settle_lapsed()
    assert Matter.objects.get(pk=row.pk).state == "recommended"


def test_a_seat_taken_back_ends_its_nomination(world):
    row = world.agreed()
    seat = world.seated(valid_from=TODAY + 30 * DAY)
    end_agreement(actor=world.actor("secretary"), agreement_id=row.pk, on=TODAY + 10 * DAY, reason="公司搬走")
    assert Matter.objects.get(pk=seat.pk).state == "withdrawn"


def test_a_seat_that_ends_before_its_notice_ends_its_nomination_on_that_day(world):
    row = world.agreed()
    seat = world.seated()
    end_agreement(actor=world.actor("secretary"), agreement_id=row.pk, on=TODAY + 10 * DAY, reason="公司搬走")
    assert Matter.objects.get(pk=seat.pk).state == "appointed"
    with clock.fixed(NOW + 11 * DAY):
        with pytest.raises(RuleViolation, match="不用公示"):
            publicise(actor=world.actor("secretary"), matter_id=seat.pk)
        settle_lapsed()
    assert Matter.objects.get(pk=seat.pk).state == "withdrawn"
