"""Who did it says neither that it is done nor how it was, in whatever post they serve; and what was written is forgotten in time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed
from doorstep.modules.partnership import services_projects as projects
from doorstep.modules.partnership import services_ratings as ratings
from doorstep.modules.partnership import services_responsibilities as responsibilities
from doorstep.modules.partnership.models_lists import ProjectUnit
from doorstep.modules.partnership.retention_lists import forget_words
from doorstep.modules.partnership.selectors_lists import unconfirmed
from doorstep.modules.partnership.services_claims import claim
from tests.partnership.lists_world import DAY, ONE, SYSTEM, TODAY, Lists, build_lists, duty


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setenv("DOORSTEP_TODAY", TODAY.isoformat())
    with clock.fixed(TODAY) as day:
        yield day


@pytest.fixture
def lists(db: None) -> Lists:
    return build_lists()


def test_who_serves_in_the_unit_in_whatever_post_does_not_confirm(lists: Lists) -> None:
    """An officer of the street who is the enterprise cadre in the company that did it: they serve in it."""
    project = lists.delivered()
    organisations.appoint(
        actor=SYSTEM, person_id=lists.district.people["street"].pk, post="enterprise_cadre",
        unit_id=lists.partners["partner"].pk, valid_from=TODAY - DAY,
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        projects.confirm(actor=lists.actor("street"), project_id=project.pk, note="看过")
    with pytest.raises(NotAllowed):
        projects.send_back(actor=lists.actor("street"), project_id=project.pk, reason="没做完")


def test_nor_who_serves_in_a_unit_that_did_a_part(lists: Lists) -> None:
    second = lists.partner("second")
    project = lists.running(duties=[duty(second)])
    part = project.responsibilities.get()
    responsibilities.report_done(actor=lists.actor("second"), responsibility_id=part.pk, note="备好了")
    organisations.appoint(
        actor=SYSTEM, person_id=lists.district.people["street"].pk, post="enterprise_cadre", unit_id=second.pk,
        valid_from=TODAY - DAY,
    )  # fmt: skip
    street = lists.actor("street")
    with pytest.raises(NotAllowed):
        responsibilities.confirm_done(actor=street, responsibility_id=part.pk, note="看过")
    with pytest.raises(NotAllowed):
        responsibilities.send_back_duty(actor=street, responsibility_id=part.pk, reason="没做完")
    projects.deliver(actor=lists.actor("partner"), project_id=project.pk, note="办了", served=30)
    with pytest.raises(NotAllowed):
        projects.confirm(actor=street, project_id=project.pk, note="看过")
    projects.confirm(actor=lists.actor("secretary"), project_id=project.pk, note="看过")


def test_a_unit_does_not_rate_what_it_did_itself(lists: Lists) -> None:
    need = lists.tell(by="partner", told="unit", unit_id=lists.partners["partner"].pk, place_code=ONE)
    lists.screen(need)
    project = lists.agreed(need)
    projects.start(actor=lists.actor("partner"), project_id=project.pk)
    projects.deliver(actor=lists.actor("partner"), project_id=project.pk, note="办了", served=30)
    projects.confirm(actor=lists.actor("secretary"), project_id=project.pk, note="看过")
    with pytest.raises(NotAllowed):
        ratings.rate(actor=lists.actor("partner"), project_id=project.pk, grade=5)


def test_who_took_a_need_down_and_confirmed_it_does_not_rate_it(lists: Lists) -> None:
    need = lists.tell(by="secretary", told="visit")
    lists.screen(need)
    project = lists.agreed(need)
    projects.start(actor=lists.actor("partner"), project_id=project.pk)
    projects.deliver(actor=lists.actor("partner"), project_id=project.pk, note="办了", served=30)
    projects.confirm(actor=lists.actor("secretary"), project_id=project.pk, note="看过")
    with pytest.raises(NotAllowed):
        ratings.rate(actor=lists.actor("secretary"), project_id=project.pk, grade=5)


def test_who_confirmed_what_they_asked_for_themselves_does_not_rate_it(lists: Lists) -> None:
    """The secretary lives there too, and told it as anybody would."""
    project = lists.agreed(lists.screen(lists.tell(by="secretary")))
    projects.start(actor=lists.actor("partner"), project_id=project.pk)
    projects.deliver(actor=lists.actor("partner"), project_id=project.pk, note="办了", served=30)
    projects.confirm(actor=lists.actor("secretary"), project_id=project.pk, note="看过")
    assert not ratings.may_rate(lists.actor("secretary"), project)
    with pytest.raises(NotAllowed):
        ratings.rate(actor=lists.actor("secretary"), project_id=project.pk, grade=5)


def test_what_a_unit_wrote_is_forgotten_with_the_words_of_the_project(lists: Lists) -> None:
    lists.partner("second")
    need = lists.published(wish={"units": 2})
    claim(actor=lists.actor("partner"), need_id=need.pk, unit_id=lists.partners["partner"].pk)
    claim(
        actor=lists.actor("second"),
        need_id=need.pk,
        unit_id=lists.partners["second"].pk,
        words="找王阿姨拿钥匙",
    )
    project = lists.agreed(need)
    forget_words([need.pk, project.pk])
    assert not ProjectUnit.objects.exclude(brings="").exists()


def test_who_reported_a_part_for_a_unit_is_told_that_another_confirms(lists: Lists) -> None:
    """And is not asked to in the list of work: another officer is."""
    project = lists.running(duties=[duty(lists.partner("second"))])
    secretary, street = lists.actor("secretary"), lists.actor("street")
    part = project.responsibilities.get()
    responsibilities.report_done(actor=secretary, responsibility_id=part.pk, note="代单位报")
    projects.deliver(actor=lists.actor("partner"), project_id=project.pk, note="办了", served=30)
    assert [row.pk for row in unconfirmed(street)] == [project.pk] and not unconfirmed(secretary)
    with pytest.raises(NotAllowed, match="另一位同事"):
        projects.confirm(actor=secretary, project_id=project.pk, note="看过")
    projects.confirm(actor=street, project_id=project.pk, note="看过")


def test_who_took_part_is_not_asked_to_confirm(lists: Lists) -> None:
    second = lists.partner("second")
    project = lists.delivered()
    street = lists.actor("street")
    assert unconfirmed(street).exists()
    ProjectUnit.objects.create(project=project, unit=second, brings="桌椅")
    organisations.appoint(
        actor=SYSTEM, person_id=lists.district.people["street"].pk, post="enterprise_cadre", unit_id=second.pk,
        valid_from=TODAY - DAY,
    )  # fmt: skip
    assert not unconfirmed(lists.actor("street")).exists() and unconfirmed(lists.actor("secretary")).exists()
