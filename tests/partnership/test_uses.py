"""What a resource is used for: shown where it is kept; the past brings its uses by the same rules; what is off the list stays as it was."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import pytest
from django.urls import reverse

from doorstep.kernel.matters.services import NewMatter
from doorstep.kernel.matters.services_past import PastMatter, PastStep
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.matters.working_days import end_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.partnership import services_resources as resources
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.models_lists import Booking, Project, Resource
from doorstep.modules.partnership.selectors_uses import uses_of
from doorstep.modules.partnership.services import end_agreement
from doorstep.modules.partnership.services_past_lists import PastProject, bring_projects
from doorstep.modules.partnership.services_resources import ResourceData
from tests.partnership.lists_world import DAY, FIRST, ONE, SYSTEM, TODAY, TWO, Lists, at, build_lists, use
from tests.sign_in import client_of


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setenv("DOORSTEP_TODAY", TODAY.isoformat())
    with clock.fixed(TODAY) as day:
        yield day


@pytest.fixture
def lists(db: None) -> Lists:
    return build_lists()


def test_who_keeps_a_resource_sees_what_it_is_booked_for(lists: Lists) -> None:
    room = lists.offer()
    partner, secretary = (client_of(lists.district.accounts[who]) for who in ("partner", "secretary"))
    own = reverse("partnership:unit_offer_change", args=[room.pk])
    assert "还没有项目约用" in partner.get(own).content.decode()
    lists.agreed(lists.published(), title="合唱队排练场地", uses=[use(room, TODAY + DAY)])
    lists.agreed(lists.published(), title="棋牌角", uses=[use(room, TODAY + 2 * DAY)])
    with clock.fixed(at(TODAY + 2 * DAY, 8)):
        found = uses_of(lists.actor("partner"), room.pk)
        assert [one.booking.project.matter.title for one in found.coming] == ["棋牌角"]
        assert [one.booking.project.matter.title for one in found.over] == [
            "合唱队排练场地"
        ] and found.past == 1
        assert uses_of(lists.actor("outsider"), room.pk).coming == []
    for client, page in ((partner, own), (secretary, reverse("partnership:resource", args=[room.pk]))):
        words = client.get(page).content.decode()
        assert "合唱队排练场地" in words and "约好了" in words and "演示一社区" in words, page


def past(lists: Lists, number: int, room: Resource, starts: dt.datetime, hours: int = 2) -> PastProject:
    """Agreed a week ago."""
    unit, day = lists.partners["partner"], TODAY - 7 * DAY
    person = lists.district.people["secretary"].pk
    agreed = Inputs(end=end_of(TODAY + 20 * DAY), data={"unit": unit.pk})
    return PastProject(
        matter=PastMatter(
            number=number, at=at(day, 9), person_id=person, called=((unit.pk, "lead"),),
            new=NewMatter(
                kind="project", place_code=FIRST, title=f"旧项目{number}", source="phone", holder_id=lists.district.committees[FIRST[:12]].pk,
                key=uuid.uuid5(uuid.NAMESPACE_OID, str(number)),
            ),
            steps=(PastStep(name="agree", at=at(day, 10), person_id=person, inputs=agreed),),
        ),
        need_key=lists.published().matter.key, unit_id=unit.pk, agreed_on=day, starts_on=day, ends_on=TODAY + 20 * DAY,
        uses=((room.pk, starts, starts + dt.timedelta(hours=hours)),),
    )  # fmt: skip


def test_past_uses_keep_the_rules_of_the_live_ones(lists: Lists) -> None:
    """Each has a seat that nobody else has then; what is full, out of its hours or not offered there is told by its row."""
    two = lists.offer(capacity=2, weekdays=0b0011111, valid_from=TODAY - 30 * DAY)
    lists.partner("far", place=TWO, agreed=TWO)
    foreign = lists.offer("far", name="别处的")
    lists.agreed(lists.published(), uses=[use(two, TODAY + DAY, 10, 12)])  # a Tuesday
    tuesday = at(TODAY + DAY, 9)
    cases = [
        past(lists, 1, two, tuesday), past(lists, 2, two, tuesday), past(lists, 3, two, at(TODAY + DAY, 7)),
        past(lists, 4, two, at(TODAY + 5 * DAY, 9)), past(lists, 5, foreign, tuesday), past(lists, 6, two, at(TODAY - 40 * DAY, 9)),
        past(lists, 7, two, tuesday, hours=0), past(lists, 8, two, at(TODAY + DAY, 12)),
    ]  # fmt: skip
    brought = bring_projects(actor=SYSTEM, cases=cases)
    told = {problem.row: str(problem.message) for problem in brought.problems}
    assert set(told) == {2, 3, 4, 5, 6, 7}, told
    assert "约满" in told[2] and "不提供" in told[3] and "不提供" in told[4] and "不服务这个社区" in told[5]
    seats = Booking.objects.filter(project__matter__title__startswith="旧项目").order_by("project_id")
    assert list(seats.values_list("seat", flat=True)) == [2, 1]
    number = Project.objects.count()
    again = bring_projects(actor=SYSTEM, cases=[cases[0], cases[7]])
    assert not again.problems and Project.objects.count() == number and Booking.objects.count() == 3


def test_what_is_off_the_list_or_without_an_agreement_is_not_changed(lists: Lists) -> None:
    room = lists.offer(valid_from=TODAY - DAY)
    agreement = Agreement.objects.get(unit=lists.partners["partner"])
    kept = lists.offer(name="明天起的", valid_from=TODAY + DAY)
    end_agreement(actor=lists.actor("secretary"), agreement_id=agreement.pk, on=TODAY, reason="搬走了")
    actor = lists.actor("secretary")
    for row, words in ((room, "已经撤下"), (kept, "共建协议")):
        data = ResourceData(unit_id=row.unit_id, resource_class="space", name=row.name, capacity=9)
        version = Resource.objects.get(pk=row.pk).lock_version
        with pytest.raises(RuleViolation, match=words):
            resources.change_resource(actor=actor, resource_id=row.pk, data=data, expected_version=version)
    assert not Resource.objects.filter(capacity=9).exists()


def test_a_resource_is_used_within_the_days_of_the_project(lists: Lists) -> None:
    room = lists.offer()
    for day in (-1, 21):
        with pytest.raises(RuleViolation, match="项目的时间里") as refused:
            lists.agreed(lists.published(), uses=[use(room, TODAY + day * DAY)])
        assert refused.value.field == "starts_at"
    assert not Booking.objects.exists()


def test_a_unit_that_leaves_one_community_is_booked_there_no_more(lists: Lists) -> None:
    """Elsewhere it stays on the list, with what is booked of it."""
    unit = lists.partners["partner"]
    lists.agree(unit, TWO)
    room = lists.offer(capacity=2)
    second = lists.partner("second")
    here = lists.agreed(lists.published(), role="second", uses=[use(room, TODAY + DAY)])
    agreement = Agreement.objects.get(unit=unit, place_code=ONE)
    end_agreement(actor=lists.actor("secretary"), agreement_id=agreement.pk, on=TODAY, reason="搬走了")
    assert Booking.objects.get(project=here).released_at is not None and second.pk == here.unit_id
    assert Resource.objects.in_force().filter(pk=room.pk).exists()
    with pytest.raises(RuleViolation, match="共建协议"):
        lists.agreed(lists.published(), role="second", uses=[use(room, TODAY + DAY)])


def test_who_has_a_project_of_a_need_is_led_to_it(lists: Lists) -> None:
    project = lists.agreed()
    page = client_of(lists.district.accounts["partner"]).get(
        reverse("partnership:unit_needed", args=[project.need_id])
    )
    assert page.status_code == 302 and page["Location"] == reverse(
        "partnership:unit_project", args=[project.pk]
    )
    lists.partner("second")
    other = client_of(lists.district.accounts["second"]).get(
        reverse("partnership:unit_needed", args=[project.need_id])
    )
    assert other.status_code == 200 and "已经有单位在做了" in other.content.decode()
