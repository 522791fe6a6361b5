"""Who did it never confirms it, by whichever of their posts; what nobody confirmed is in no figure; what was agreed is not given back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from doorstep.kernel.indicators.selectors import figure
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from doorstep.modules.partnership import services_projects as projects
from doorstep.modules.partnership import services_responsibilities as responsibilities
from doorstep.modules.partnership.models_lists import Claim
from doorstep.modules.partnership.services_claims import claim, give_back
from tests.partnership.lists_world import DAY, ONE, SYSTEM, TODAY, Lists, build_lists, duty


@pytest.fixture(autouse=True)
def today() -> Iterator[object]:
    with clock.fixed(TODAY) as day:
        yield day


@pytest.fixture
def lists(db: None) -> Lists:
    return build_lists()


def also_liaison(lists: Lists, role: str, unit: str) -> None:
    organisations.appoint(
        actor=SYSTEM, person_id=lists.district.people[role].pk, post="unit_liaison",
        unit_id=lists.partners[unit].pk, valid_from=TODAY,
    )  # fmt: skip


def test_an_officer_who_acts_for_a_unit_that_took_part_does_not_confirm(lists: Lists) -> None:
    """Neither for the responsible unit nor for one that takes part, though they did none of it themselves."""
    second = lists.partner("second")
    need = lists.published(wish={"units": 2})
    for role in ("partner", "second"):
        claim(actor=lists.actor(role), need_id=need.pk, unit_id=lists.partners[role].pk)
    project = lists.agreed(need, duties=[duty(second)])
    also_liaison(lists, "deputy", "second")
    also_liaison(lists, "secretary", "partner")
    projects.start(actor=lists.actor("partner"), project_id=project.pk)
    own = project.responsibilities.get()
    responsibilities.report_done(actor=lists.actor("second"), responsibility_id=own.pk, note="到位")
    with pytest.raises(NotAllowed):
        responsibilities.confirm_done(actor=lists.actor("deputy"), responsibility_id=own.pk, note="看过")
    projects.deliver(actor=lists.actor("partner"), project_id=project.pk, note="做完", served=9)
    for role in ("deputy", "secretary"):
        with pytest.raises(NotAllowed):
            projects.confirm(actor=lists.actor(role), project_id=project.pk, note="看过了")
    assert (
        projects.confirm(actor=lists.actor("street"), project_id=project.pk, note="看过了").confirmed_on
        == TODAY
    )


def test_what_is_delivered_counts_once_it_is_confirmed(lists: Lists) -> None:
    def values() -> tuple[float | None, ...]:
        keys = ("projects_per_year", "people_served")
        return tuple(figure(f"partnership.{key}", ONE, on=clock.today()).value or 0 for key in keys)

    project = lists.delivered(served=30)
    assert values() == (0, 0) and figure("findings.partnership.unconfirmed", ONE, on=TODAY).value == 1
    projects.confirm(actor=lists.actor("secretary"), project_id=project.pk, note="看过了")
    assert values() == (1, 30) and not figure("findings.partnership.unconfirmed", ONE, on=TODAY).value
    with clock.fixed(TODAY + 366 * DAY):
        assert figure("partnership.projects_per_year", ONE, on=clock.today()).value in (0, None)


def test_a_claim_is_not_given_back_once_the_project_is_agreed(lists: Lists) -> None:
    project = lists.agreed()
    unit = lists.partners["partner"].pk
    with pytest.raises(RuleViolation, match="在项目里退回"):
        give_back(actor=lists.actor("partner"), need_id=project.need_id, unit_id=unit, reason="人手不够")
    assert Claim.objects.filter(ended_at=None).count() == 1
