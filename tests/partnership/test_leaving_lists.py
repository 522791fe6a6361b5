"""What stays and what ends of the four lists when an agreement is over: where another one holds, nothing changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.partnership import services_resources as resources
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.models_lists import Resource
from doorstep.modules.partnership.selectors_lists import resources_serving
from doorstep.modules.partnership.selectors_matching import suggestions_for
from doorstep.modules.partnership.services import end_agreement
from doorstep.modules.partnership.services_leaving import settle_lapsed
from doorstep.modules.partnership.services_resources import ResourceData
from tests.partnership.lists_world import DAY, ONE, TODAY, TWO, Lists, build_lists


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setenv("DOORSTEP_TODAY", TODAY.isoformat())
    with clock.fixed(TODAY) as day:
        yield day


@pytest.fixture
def lists(db: None) -> Lists:
    return build_lists()


def ended(lists: Lists, place: str = ONE, role: str = "partner") -> None:
    row = Agreement.objects.get(place_code=place, unit=lists.partners[role])
    end_agreement(actor=lists.actor("street"), agreement_id=row.pk, on=TODAY, reason="搬走")


def test_a_project_agreed_under_a_new_agreement_is_not_stopped_in_the_night(lists: Lists) -> None:
    unit = lists.partner("again", agreed=None)
    lists.agree(unit, ONE, since=TODAY - 368 * DAY)  # ran out three days ago
    lists.agree(unit, ONE, since=TODAY)
    project = lists.agreed(role="again")
    settle_lapsed()
    assert Matter.objects.get(pk=project.pk).state == "agreed"


def test_nothing_is_suggested_where_its_unit_has_left(lists: Lists) -> None:
    unit = lists.partners["partner"]
    lists.agree(unit, TWO)
    room = lists.offer()
    row = Agreement.objects.get(place_code=ONE)
    end_agreement(actor=lists.actor("secretary"), agreement_id=row.pk, on=TODAY, reason="搬走")
    found = suggestions_for(lists.published())
    assert room.pk not in {one.resource.pk for one in found.fitting}


def test_what_is_agreed_with_a_street_is_suggested_in_what_is_left_of_it(lists: Lists) -> None:
    """The street's agreement is over, the one with a community of it holds: the same room serves that community alone."""
    unit = lists.partner("wide", agreed=ONE[:9])
    lists.agree(unit, ONE)
    room = lists.offer("wide", name="大厅", areas=[ONE[:9]])
    ended(lists, ONE[:9], "wide")
    assert room.pk in {one.resource.pk for one in suggestions_for(lists.published()).fitting}
    assert room in resources_serving(ONE)


def test_what_was_offered_on_the_last_day_is_off_the_list_too(lists: Lists) -> None:
    room = lists.offer()
    ended(lists)
    assert Resource.objects.get(pk=room.pk).valid_to == TODAY + DAY
    assert settle_lapsed() == 1
    assert Resource.objects.get(pk=room.pk).lock_version == room.lock_version + 1


def test_what_is_offered_by_nobody_with_an_agreement_is_refused_in_words(lists: Lists) -> None:
    room = lists.offer()
    row = Agreement.objects.get()
    end_agreement(actor=lists.actor("secretary"), agreement_id=row.pk, on=TODAY, reason="搬走")
    room.refresh_from_db()
    data = ResourceData(
        unit_id=room.unit_id, resource_class="space", name="演示会议室二", opens=540, closes=1080
    )
    with pytest.raises(RuleViolation):
        resources.change_resource(
            actor=lists.actor("partner"), resource_id=room.pk, data=data, expected_version=room.lock_version
        )
