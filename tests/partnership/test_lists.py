"""The four lists as one chain: a need is told, screened, claimed, becomes a project, is delivered, confirmed, rated."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction

from doorstep.kernel.matters.models import History, Link, Matter, Participation
from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.matters.sweep import sweep
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.partnership import services_needs as needs
from doorstep.modules.partnership import services_projects as projects
from doorstep.modules.partnership import services_ratings as ratings
from doorstep.modules.partnership import services_resources as resources
from doorstep.modules.partnership import services_responsibilities as responsibilities
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.models_lists import Booking, Claim, Listed, Need, Project, Rating, Resource
from doorstep.modules.partnership.services import end_agreement
from doorstep.modules.partnership.services_claims import claim, give_back
from doorstep.modules.partnership.services_resources import ResourceData
from tests.partnership.lists_world import (
    DAY,
    ONE,
    SYSTEM,
    TODAY,
    TWO,
    Lists,
    at,
    build_lists,
    duty,
    use,
    wish,
)


@pytest.fixture(autouse=True)
def today() -> Iterator[object]:
    with clock.fixed(TODAY) as day:
        yield day


@pytest.fixture
def lists(db: None) -> Lists:
    return build_lists()


def state(row: Need | Project) -> str:
    return Matter.objects.get(pk=row.pk).state


def test_the_whole_chain(lists: Lists) -> None:
    need = lists.tell()
    assert state(need) == "collected" and need.matter.due_at is not None
    lists.screen(need)
    assert state(need) == "published"
    claim(actor=lists.actor("partner"), need_id=need.pk, unit_id=lists.partners["partner"].pk)
    room = lists.offer()
    project = lists.agreed(need, uses=[use(room, TODAY + DAY)], duties=[duty(lists.partners["partner"])])
    assert (state(need), state(project)) == ("agreed", "agreed")
    assert Matter.objects.get(pk=project.pk).due_at == at(project.ends_on + DAY, 0).astimezone(dt.UTC)
    projects.start(actor=lists.actor("partner"), project_id=project.pk)
    projects.deliver(actor=lists.actor("partner"), project_id=project.pk, note="排练四次", served=28)
    assert (state(need), state(project)) == ("delivered", "delivered")
    assert not Project.objects.filter(confirmed_on__isnull=False).exists()
    project = projects.confirm(actor=lists.actor("secretary"), project_id=project.pk, note="看过了")
    assert (state(need), state(project), project.confirmed_on) == ("confirmed", "confirmed", TODAY)
    assert project.responsibilities.get().matter.state == "kept"
    assert project.bookings.get().released_at is not None, "what was booked for later is free again"
    ratings.rate(actor=lists.actor("resident"), project_id=project.pk, grade=5, words="很好")
    assert state(need) == "rated"
    told = Notice.objects.filter(person=lists.district.people["resident"]).values_list("matter_id", flat=True)
    assert set(told) == {need.pk}
    assert set(Listed.objects.values_list("on_list", flat=True)) == {
        "need",
        "resource",
        "project",
        "responsibility",
    }


def test_a_need_of_a_request_a_meeting_a_unit(lists: Lists) -> None:
    with pytest.raises(RuleViolation) as refused:
        lists.tell(by="secretary", told="request")
    assert refused.value.field == "origin"
    with pytest.raises(NotAllowed):
        lists.tell(by="resident", told="visit")
    visit = lists.tell(by="secretary", told="visit")
    assert (
        visit.matter.reporter_id is None and visit.matter.teller_id == lists.district.people["secretary"].pk
    )
    unit = lists.tell(by="partner", told="unit", unit_id=lists.partners["partner"].pk)
    assert unit.unit_id == lists.partners["partner"].pk
    with pytest.raises(NotVisible):
        lists.tell(by="resident", told="unit", unit_id=lists.partners["partner"].pk)
    with pytest.raises(RuleViolation) as refused:
        lists.tell(by="partner", told="unit", unit_id=lists.partners["partner"].pk, place_code=TWO)
    assert refused.value.field == "place_code"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"resource_class": "rockets"}, "resource_class"), ({"people": 0}, "people"), ({"units": 99}, "units"),
        ({"weekdays": 0}, "weekdays"), ({"opens": 600, "closes": 600}, "closes"), ({"minutes": 2000}, "minutes"),
        ({"since": dt.date(2026, 7, 2), "until": dt.date(2026, 7, 1)}, "until"),
        ({"since": dt.date(2026, 7, 6), "until": dt.date(2026, 7, 7), "weekdays": 0b1000000}, "weekdays"),
        ({"since": dt.date(1066, 1, 1)}, "since"),
    ],
)  # fmt: skip
def test_what_cannot_be_wanted(lists: Lists, changed: dict, field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        lists.tell(wish=changed)
    assert refused.value.field == field and not Need.objects.exists()


def test_a_need_is_told_once_for_its_key(lists: Lists) -> None:
    key = uuid.uuid4()
    assert lists.tell(key=key).pk == lists.tell(key=key).pk


def test_what_is_published_tells_no_number_of_a_person(lists: Lists) -> None:
    need = lists.tell()
    with pytest.raises(RuleViolation) as refused:
        lists.screen(need, about="请打 13800138000 找王阿姨")
    assert refused.value.field == "about" and state(need) == "collected"


def test_who_may_not_screen(lists: Lists) -> None:
    need = lists.tell()
    for who in ("outsider", "partner"):
        with pytest.raises(NotVisible):
            lists.screen(need, by=who)
    with pytest.raises(NotAllowed):
        lists.screen(need, by="street")


def test_similar_needs_are_joined_and_everybody_is_told(lists: Lists) -> None:
    main, other = lists.published(), lists.tell(by="secretary", told="visit")
    needs.join(actor=lists.actor("secretary"), need_id=other.pk, main_id=main.pk, reason="同一件事")
    assert state(other) == "joined" and Link.objects.get().other_id == main.pk
    assert Participation.objects.filter(matter=main.pk, person=lists.district.people["secretary"]).exists()
    needs.part(actor=lists.actor("secretary"), need_id=other.pk, reason="不是一件事")
    assert state(other) == "collected"
    with pytest.raises(NotVisible):
        needs.join(actor=lists.actor("outsider"), need_id=other.pk, main_id=main.pk)


def test_a_need_taken_out_again_is_on_no_list_until_it_is_published(lists: Lists) -> None:
    main, other = lists.published(), lists.published()
    secretary = lists.actor("secretary")
    needs.join(actor=secretary, need_id=other.pk, main_id=main.pk, reason="同一件")
    needs.part(actor=secretary, need_id=other.pk, reason="不是同一件")
    assert Matter.objects.get(pk=other.pk).state == "collected"
    assert not Listed.objects.filter(id=f"need-{other.pk}", until=None).exists()
    assert lists.screen(Need.objects.get(pk=other.pk)).published_on == TODAY


def test_a_declined_need_says_why_and_a_withdrawn_one_is_the_reporters(lists: Lists) -> None:
    need = lists.tell()
    with pytest.raises(RuleViolation):
        needs.decline(actor=lists.actor("secretary"), need_id=need.pk, note="")
    needs.decline(actor=lists.actor("secretary"), need_id=need.pk, note="请找物业")
    assert state(need) == "declined"
    own = lists.tell()
    with pytest.raises(NotAllowed):
        needs.withdraw_need(actor=lists.actor("secretary"), need_id=own.pk)
    needs.withdraw_need(actor=lists.actor("resident"), need_id=own.pk)
    assert state(own) == "withdrawn"


def test_a_unit_claims_what_is_published_to_it_and_nothing_else(lists: Lists) -> None:
    lists.partner("far", place=TWO, agreed=TWO)
    lists.partner("unsigned", agreed=None)
    need, hidden = lists.published(), lists.tell()
    unit = lists.partners["partner"].pk
    for role, pk, claimed_for in [
        ("far", need.pk, lists.partners["far"].pk), ("unsigned", need.pk, lists.partners["unsigned"].pk), ("partner", hidden.pk, unit),
        ("far", need.pk, unit), ("resident", need.pk, unit),
    ]:  # fmt: skip
        with pytest.raises(NotVisible):
            claim(actor=lists.actor(role), need_id=pk, unit_id=claimed_for)
    first = claim(actor=lists.actor("partner"), need_id=need.pk, unit_id=unit)
    assert claim(actor=lists.actor("partner"), need_id=need.pk, unit_id=unit).pk == first.pk
    assert state(need) == "claimed"


def test_the_last_place_and_giving_it_back(lists: Lists) -> None:
    lists.partner("second")
    need = lists.claimed()
    with pytest.raises(Conflict, match="谢谢"):
        claim(actor=lists.actor("second"), need_id=need.pk, unit_id=lists.partners["second"].pk)
    give_back(
        actor=lists.actor("partner"), need_id=need.pk, unit_id=lists.partners["partner"].pk, reason="人手不够"
    )
    assert state(need) == "published"
    claim(actor=lists.actor("second"), need_id=need.pk, unit_id=lists.partners["second"].pk)
    assert state(need) == "claimed"
    with transaction.atomic(), pytest.raises(IntegrityError):
        Claim.objects.create(need=need, unit=lists.partners["partner"], slot=1, at=clock.now())


def test_a_project_has_a_responsible_unit_or_is_refused(lists: Lists) -> None:
    lists.partner("unsigned", agreed=None)
    need = lists.published()
    with pytest.raises(RuleViolation, match="责任单位") as refused:
        lists.agreed(need, unit_id=None)
    assert refused.value.field == "unit"
    with pytest.raises(RuleViolation, match="共建协议"):
        lists.agreed(need, unit_id=lists.partners["unsigned"].pk)
    assert not Project.objects.exists() and state(need) == "published"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"ends_on": TODAY - DAY, "starts_on": TODAY - 2 * DAY}, "ends_on"), ({"ends_on": TODAY, "starts_on": TODAY + DAY}, "ends_on"),
        ({"ends_on": TODAY + 900 * DAY}, "ends_on"), ({"budget_fen": -1}, "budget_fen"), ({"budget_fen": 100}, "budget_from"),
        ({"hands": -1}, "hands"),
    ],
)  # fmt: skip
def test_what_cannot_be_agreed(lists: Lists, changed: dict, field: str) -> None:
    need = lists.published()
    with pytest.raises(RuleViolation) as refused:
        lists.agreed(need, **changed)
    assert refused.value.field == field


def test_a_need_has_one_project_at_a_time_and_a_click_sent_twice_makes_one(lists: Lists) -> None:
    need, key = lists.claimed(), uuid.uuid4()
    assert lists.agreed(need, key=key).pk == lists.agreed(need, key=key).pk
    with pytest.raises(RuleViolation):
        lists.agreed(need)


def test_several_units_take_part_and_each_does_its_own(lists: Lists) -> None:
    second = lists.partner("second")
    need = lists.published(wish={"units": 2})
    for role in ("partner", "second"):
        claim(actor=lists.actor(role), need_id=need.pk, unit_id=lists.partners[role].pk)
    project = lists.agreed(need, duties=[duty(second), duty(lists.partners["partner"], "出场地")])
    assert project.others.get().unit_id == second.pk
    projects.start(actor=lists.actor("partner"), project_id=project.pk)
    with pytest.raises(NotAllowed):
        projects.deliver(actor=lists.actor("second"), project_id=project.pk, note="做完", served=3)
    with pytest.raises(RuleViolation, match="还有 1 项责任"):
        projects.deliver(actor=lists.actor("partner"), project_id=project.pk, note="做完", served=3)
    own = project.responsibilities.get(unit=second)
    with pytest.raises(NotAllowed):
        _not_theirs(lists, own.pk)
    responsibilities.report_done(actor=lists.actor("second"), responsibility_id=own.pk, note="音响到位")
    projects.deliver(actor=lists.actor("partner"), project_id=project.pk, note="做完", served=3)
    projects.confirm(actor=lists.actor("secretary"), project_id=project.pk, note="看过了")
    assert {row.matter.state for row in project.responsibilities.select_related("matter")} == {"kept"}


def _not_theirs(lists: Lists, pk: int) -> None:
    try:
        responsibilities.report_done(actor=lists.actor("partner"), responsibility_id=pk, note="做完")
    except NotVisible as refused:
        raise NotAllowed(refused.message) from refused


def test_who_did_it_or_took_part_does_not_confirm(lists: Lists) -> None:
    project = lists.running()
    projects.deliver(actor=lists.actor("secretary"), project_id=project.pk, note="单位来电说做完", served=5)
    with pytest.raises(NotAllowed):
        projects.confirm(actor=lists.actor("secretary"), project_id=project.pk, note="看过了")
    with pytest.raises(NotAllowed):
        projects.confirm(actor=lists.actor("partner"), project_id=project.pk, note="看过了")
    assert (
        projects.confirm(actor=lists.actor("deputy"), project_id=project.pk, note="看过了").confirmed_on
        == TODAY
    )


def test_an_unconfirmed_delivery_does_not_count_and_is_reminded(lists: Lists) -> None:
    project = lists.delivered()
    assert project.confirmed_on is None
    secretary = lists.district.people["secretary"]
    before = Notice.objects.filter(person=secretary, matter_id=project.pk).count()
    with clock.fixed(TODAY + 5 * DAY):
        sweep()
    with clock.fixed(TODAY + 12 * DAY):
        sweep()
    told = Notice.objects.filter(matter_id=project.pk, person=secretary).count()
    late = History.objects.filter(matter_id=project.pk, name="overdue").exists()
    assert told > before and late, (told, before, late)


def test_sent_back_it_is_as_if_it_had_not_been_delivered(lists: Lists) -> None:
    project = lists.delivered()
    project = projects.send_back(actor=lists.actor("secretary"), project_id=project.pk, reason="只来了一次")
    assert (project.delivered_on, project.served, project.matter.state) == (None, None, "running")
    assert state(project.need) == "running"


def test_a_project_given_back_frees_all_and_publishes_the_need_anew(lists: Lists) -> None:
    room = lists.offer()
    project = lists.agreed(uses=[use(room, TODAY + DAY)], duties=[duty(lists.partners["partner"])])
    projects.stop(actor=lists.actor("partner"), project_id=project.pk, reason="场地装修")
    assert state(project.need) == "published" and not Claim.objects.filter(ended_at=None).exists()
    assert Booking.objects.get().released_at is not None
    assert project.responsibilities.get().matter.state == "dropped"
    again = lists.agreed(project.need, uses=[use(room, TODAY + DAY)])
    projects.stop(actor=lists.actor("secretary"), project_id=again.pk, reason="改期")
    assert Project.objects.filter(stopped_on=None).count() == 0


def test_a_resource_is_not_booked_twice(lists: Lists) -> None:
    room = lists.offer()
    lists.agreed(lists.published(), uses=[use(room, TODAY + DAY, 9, 11)])
    with pytest.raises(RuleViolation, match="已经约满"):
        lists.agreed(lists.published(), uses=[use(room, TODAY + DAY, 10, 12)])
    after = lists.agreed(lists.published(), uses=[use(room, TODAY + DAY, 11, 12)])
    with transaction.atomic(), pytest.raises(IntegrityError):
        Booking.objects.create(
            resource=room, project=after, seat=1, starts_at=at(TODAY + DAY, 10), ends_at=at(TODAY + DAY, 12)
        )


@pytest.mark.parametrize(
    ("day", "starts", "ends", "words"),
    [
        (7, 9, 11, "那天不提供"),
        (1, 7, 9, "那个钟点不提供"),
        (120, 9, 11, "不在清单上"),
        (1, 11, 9, "晚于"),
        (400, 9, 11, "没有生效的共建协议"),
    ],
)
def test_a_resource_is_used_in_its_times(lists: Lists, day: int, starts: int, ends: int, words: str) -> None:
    monday_to_saturday = 0b0111111
    room = lists.offer(weekdays=monday_to_saturday)
    resources.withdraw_resource(actor=lists.actor("partner"), resource_id=room.pk, ended_on=TODAY + 100 * DAY)
    # the day of the tests is a Monday
    with pytest.raises(RuleViolation, match=words):
        lists.agreed(
            lists.published(),
            ends_on=TODAY + 500 * DAY,
            uses=[use(room, TODAY + (6 if day == 7 else day) * DAY, starts, ends)],
        )


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"resource_class": "x"}, "resource_class"), ({"name": " "}, "name"), ({"capacity": 0}, "capacity"), ({"price": "gift"}, "price"),
        ({"fen": 100}, "fen"), ({"price": "market"}, "fen"), ({"price": "low_fee", "fen": -5}, "fen"), ({"areas": [TWO]}, "areas"),
        ({"weekdays": 200}, "weekdays"), ({"opens": 900, "closes": 100}, "closes"), ({"longitude": 500.0, "latitude": 1.0}, "longitude"),
    ],
)  # fmt: skip
def test_what_cannot_be_offered(lists: Lists, changed: dict, field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        lists.offer(**changed)
    assert refused.value.field == field and not Resource.objects.exists()


def test_who_offers_and_under_what(lists: Lists) -> None:
    lists.partner("unsigned", agreed=None)
    with pytest.raises(RuleViolation, match="共建协议"):
        lists.offer("unsigned")
    with pytest.raises(NotVisible):
        lists.offer(by="outsider")
    with pytest.raises(NotVisible):
        lists.offer(by="resident")
    row = lists.offer(by="secretary")
    with pytest.raises(Conflict):
        lists.offer()
    data = ResourceData(unit_id=row.unit_id, resource_class="space", name="演示会议室", capacity=2)
    changed = resources.change_resource(
        actor=lists.actor("partner"), resource_id=row.pk, data=data, expected_version=1
    )
    assert changed.capacity == 2
    with pytest.raises(Conflict):
        resources.change_resource(
            actor=lists.actor("partner"), resource_id=row.pk, data=data, expected_version=1
        )
    lists.agreed(lists.published(), uses=[use(row, TODAY + DAY)])
    lists.agreed(lists.published(), uses=[use(row, TODAY + DAY)])
    with pytest.raises(RuleViolation, match="约好"):
        one = ResourceData(unit_id=row.unit_id, resource_class="space", name="演示会议室", capacity=1)
        resources.change_resource(
            actor=lists.actor("partner"), resource_id=row.pk, data=one, expected_version=2
        )
    with pytest.raises(RuleViolation, match="约好"):
        resources.withdraw_resource(actor=lists.actor("partner"), resource_id=row.pk, ended_on=TODAY + DAY)


def test_ratings_are_of_who_was_served_and_once(lists: Lists) -> None:
    project = lists.confirmed(served=2)
    with pytest.raises(NotAllowed):
        ratings.rate(actor=lists.actor("worker"), project_id=project.pk, grade=5)
    ratings.rate(actor=lists.actor("resident"), project_id=project.pk, grade=4)
    with pytest.raises(Conflict):
        ratings.rate(actor=lists.actor("resident"), project_id=project.pk, grade=1)
    numbers = ratings.issue_slips(actor=lists.actor("secretary"), project_id=project.pk, more=10)
    assert list(numbers) == [1, 2]
    with pytest.raises(RuleViolation):
        ratings.issue_slips(actor=lists.actor("secretary"), project_id=project.pk, more=1)
    code = ratings.code_of(project.pk, 1, project.matter.key)
    ratings.rate_by_slip(project_id=project.pk, slip=1, code=code, grade=3, words="还行")
    with pytest.raises(Conflict):
        ratings.rate_by_slip(project_id=project.pk, slip=1, code=code, grade=5)
    for slip, given in [(2, code), (3, ratings.code_of(project.pk, 3, project.matter.key)), (1, "é")]:
        with pytest.raises(NotVisible):
            ratings.rate_by_slip(project_id=project.pk, slip=slip, code=given, grade=5)
    second = ratings.code_of(project.pk, 2, project.matter.key)
    for grade, words, field in [
        (6, "", "grade"),
        (True, "", "grade"),
        (5, "电话13800138000", "words"),
        (5, "长" * 301, "words"),
    ]:
        with pytest.raises(RuleViolation) as refused:
            ratings.rate_by_slip(project_id=project.pk, slip=2, code=second, grade=grade, words=words)
        assert refused.value.field == field
    with clock.fixed(TODAY + 61 * DAY), pytest.raises(RuleViolation, match="已经结束"):
        ratings.rate_by_slip(project_id=project.pk, slip=2, code=second, grade=5)
    assert Rating.objects.count() == 2


def test_no_slips_before_it_is_confirmed(lists: Lists) -> None:
    project = lists.delivered()
    with pytest.raises(RuleViolation):
        ratings.issue_slips(actor=lists.actor("secretary"), project_id=project.pk, more=1)


def test_nothing_of_it_exists_for_others(lists: Lists) -> None:
    project = lists.confirmed()
    for act in (
        lambda: projects.stop(actor=lists.actor("outsider"), project_id=project.pk, reason="x"),
        lambda: projects.deliver(actor=lists.actor("resident"), project_id=project.pk, note="x", served=1),
        lambda: ratings.issue_slips(actor=lists.actor("outsider"), project_id=project.pk, more=1),
    ):
        with pytest.raises(NotVisible):
            act()


def test_a_unit_sees_its_project_and_not_what_the_resident_told(lists: Lists) -> None:
    from doorstep.kernel.access.policies import policy_for

    project = lists.agreed()
    actor = lists.actor("partner")
    assert policy_for(Project).visible_to(actor).get() == project
    assert not policy_for(Need).visible_to(actor).exists()
    assert (
        Agreement.objects.filter(unit=lists.partners["partner"], place_code=ONE).exists() and SYSTEM.is_system
    )


def test_wish_is_as_told(lists: Lists) -> None:
    need = lists.tell(wanted=wish(minutes=60, opens=540, closes=720))
    assert (need.minutes_needed, need.opens, need.closes) == (60, 540, 720)


def test_a_unit_that_leaves_leaves_nothing_hanging(lists: Lists) -> None:
    """Claims are free, projects under way go back to their needs, what it offered is off the list; what was done stays to be confirmed."""
    second = lists.partner("second")
    room = lists.offer(valid_from=TODAY - DAY)
    claimed, running, done = lists.claimed(), lists.running(), lists.delivered()
    other = lists.agreed(
        lists.published(),
        role="second",
        uses=[use(room, TODAY + DAY)],
        duties=[duty(lists.partners["partner"])],
    )
    agreement = Agreement.objects.get(unit=lists.partners["partner"])
    end_agreement(actor=lists.actor("secretary"), agreement_id=agreement.pk, on=TODAY, reason="搬走了")
    assert [state(row) for row in (claimed, running, running.need, done)] == [
        "published",
        "stopped",
        "published",
        "delivered",
    ]
    assert Booking.objects.get().released_at is not None and not Resource.objects.in_force().exists()
    assert other.responsibilities.get().matter.state == "dropped" and state(other) == "agreed"
    with pytest.raises(NotVisible):
        claim(actor=lists.actor("partner"), need_id=claimed.pk, unit_id=lists.partners["partner"].pk)
    claim(actor=lists.actor("second"), need_id=claimed.pk, unit_id=second.pk)
    assert (
        projects.confirm(actor=lists.actor("secretary"), project_id=done.pk, note="看过").confirmed_on
        == TODAY
    )
