"""Each break appears when the chain is broken in one place, alone, and disappears when it is mended."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.authority.models import Account
from doorstep.kernel.declarations.findings import all_findings, finding
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.places.models import BuildingPlacement, Grid
from doorstep.kernel.shared import clock
from doorstep.modules.chain.models import (
    Approval,
    BranchGrid,
    Form,
    GroupBuilding,
    MemberCount,
    MemberHousehold,
    RuleValue,
    Term,
)
from doorstep.modules.chain.selectors_pages import count_breaks
from doorstep.modules.chain.services_bulk import NewTerm, start_terms
from tests.chain import world as district
from tests.chain.whole import YESTERDAY, Whole, found
from tests.chain.world import BEGAN, ONE, SYSTEM, TODAY, TWO, person
from tests.sign_in import client_of

G1, G2, G3 = (f"{ONE}00{n}" for n in (1, 2, 3))


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker) -> Iterator[Whole]:
    """Built once: every test of this file begins from it."""
    with django_db_blocker.unblock(), clock.fixed(TODAY), transaction.atomic():
        made = district.build()
        world = Whole(made.communities, made.grids, made.buildings)
        world.finish()
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def whole(built: Whole, django_db_blocker) -> Iterator[Whole]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield built
        transaction.set_rollback(True)


def test_nothing_is_broken_in_a_whole_district(whole):
    assert found() == {}


def test_a_day_before_everything_has_other_breaks(whole):
    assert set(found(dt.date(2023, 1, 1))) == {
        "grid_uncovered", "organisation_without_secretary", "term_missing", "community_without_household",
    }  # fmt: skip


def end(rows, day: dt.date = YESTERDAY) -> Callable[[], None]:
    """End rows by the day; gives back what mends it."""
    kept = list(rows)
    assert kept
    for row in kept:
        type(row).objects.filter(pk=row.pk).update(valid_to=day)

    def mend() -> None:
        for row in kept:
            type(row).objects.filter(pk=row.pk).update(valid_to=row.valid_to)

    return mend


def uncover(w: Whole):
    """The second grid's branch gives it up and takes the first grid's instead."""
    row = BranchGrid.objects.get(grid__code=G2)
    other = BranchGrid.objects.create(branch=row.branch, grid=w.grids[G1], valid_from=BEGAN)
    building = GroupBuilding.objects.filter(group=w.units["group", G2])
    moved = list(building)
    spare = w.buildings[G1][3:]
    for one, place in zip(moved, spare, strict=True):
        GroupBuilding.objects.filter(pk=one.pk).update(building=place)
    mend = end([row])

    def undo():
        mend()
        other.delete()
        for one in moved:
            GroupBuilding.objects.filter(pk=one.pk).update(building=one.building)

    return undo


def count(full: int, name: object = G1):
    def break_it(w: Whole):
        unit = w.units[name]
        w.count(unit, full)
        return lambda: w.count(unit, 9)

    return break_it


def leave(post: str, name: object):
    def break_it(w: Whole):
        unit = w.communities[name] if post == "community_secretary" else w.units[name]
        return end(Appointment.objects.filter(unit=unit, post=post))

    return break_it


def outdated_count(w: Whole):
    old = TODAY - dt.timedelta(367)
    rows = MemberCount.objects.filter(unit=w.units[G1])
    rows.filter(counted_on=YESTERDAY).delete()
    rows.update(counted_on=old)
    return lambda: rows.update(counted_on=TODAY - dt.timedelta(366))


def unfit_committee(w: Whole):
    rows = Term.objects.filter(unit=w.units[G1])
    rows.update(committee_size=2)
    return lambda: rows.update(committee_size=7)


def unfit_community_committee(w: Whole):
    """A general branch has five to seven committee members."""
    rows = Term.objects.filter(unit=w.communities[ONE])
    rows.update(committee_size=8)
    return lambda: rows.update(committee_size=7)


def no_community_committee(w: Whole):
    """A general branch is not led by a secretary alone."""
    rows = Term.objects.filter(unit=w.communities[ONE])
    rows.update(committee_size=0)
    return lambda: rows.update(committee_size=5)


def unfit_party_committee(w: Whole):
    """What is too many for a general branch may suit a party committee, up to nine."""
    unit = w.communities[ONE]
    w.count(unit, 120)
    Form.objects.filter(unit=unit).update(form="party_committee")
    rows = Term.objects.filter(unit=unit)
    rows.update(committee_size=9)
    assert "committee_unfit" not in found()
    rows.update(committee_size=10)
    return lambda: rows.update(committee_size=9)


def second_substitute(w: Whole):
    unit = w.units[G1]
    holder = Appointment.objects.get(unit=unit)
    until = TODAY + dt.timedelta(60)
    stand_in = organisations.appoint_substitute(
        actor=SYSTEM, appointment_id=holder.pk, person_id=person().pk, valid_from=YESTERDAY, valid_to=until
    )
    assert "two_holders" not in found()
    other = Appointment.objects.get(unit=w.units[G2])
    wrong = Appointment.objects.create(
        person=person(), post=holder.post, unit=unit, place_code=G1, valid_from=YESTERDAY, valid_to=until,
        substitute_for=other, sole=True,
    )  # fmt: skip
    assert stand_in.pk
    return lambda: wrong.delete()


def stale_substitute(w: Whole):
    holder = Appointment.objects.get(unit=w.units[G1])
    other = Appointment.objects.get(unit=w.units[G2])
    row = Appointment.objects.create(
        person=person(), post=holder.post, unit=w.units[G1], place_code=G1, valid_from=YESTERDAY,
        valid_to=TODAY + dt.timedelta(9), substitute_for=other, sole=True,
    )  # fmt: skip
    return lambda: row.delete()


def two_principals(w: Whole):
    row = Appointment.objects.create(
        person=person(),
        post="branch_secretary",
        unit=w.units[G1],
        place_code=G1,
        valid_from=YESTERDAY,
        sole=False,
    )
    return lambda: row.delete()


def expire(w: Whole):
    return end(Term.objects.filter(unit=w.units[G1]), TODAY)


def fall_due(w: Whole):
    return end(Term.objects.filter(unit=w.units[G1]), TODAY + dt.timedelta(180))


def no_term(w: Whole):
    rows = Term.objects.filter(unit=w.units[G1])
    rows.delete()
    return lambda: start_terms(
        actor=SYSTEM, terms=[NewTerm(unit_id=w.units[G1].pk, number=1, valid_from=BEGAN, committee_size=3)]
    )


def scatter(w: Whole):
    row = GroupBuilding.objects.filter(group=w.units["group", G1]).last()
    GroupBuilding.objects.filter(pk=row.pk).update(building=w.buildings[G1][5])
    return lambda: GroupBuilding.objects.filter(pk=row.pk).update(building=row.building)


def regrid(w: Whole):
    """A building of a group is placed in a grid of another branch."""
    row = BuildingPlacement.objects.filter(building=w.buildings[G1][2])
    row.update(grid=w.grids[G2])
    return lambda: row.update(grid=w.grids[G1])


def strip_group(w: Whole):
    return end(GroupBuilding.objects.filter(group=w.units["group", G2]))


def strip_branch(w: Whole):
    """A branch loses its grid to another; its group goes too."""
    for row in (
        *UnitVersion.objects.filter(unit=w.units["group", G2]),
        *GroupBuilding.objects.filter(group=w.units["group", G2]),
    ):
        type(row).objects.filter(pk=row.pk).update(valid_to=YESTERDAY)
    BranchGrid.objects.create(branch=w.units[G1], grid=w.grids[G2], valid_from=YESTERDAY)
    return end(BranchGrid.objects.filter(branch=w.units[G2]))


def superior(name: object, to: object):
    def break_it(w: Whole):
        rows = UnitVersion.objects.filter(unit=w.units[name])
        old = rows.get().superior
        rows.update(superior=to(w))
        return lambda: rows.update(superior=old)

    return break_it


def strand(w: Whole):
    rows = MemberHousehold.objects.filter(place_code=G1)
    rows.update(building=w.buildings[G1][4])
    return lambda: rows.update(building=w.buildings[G1][0])


def unorganised(w: Whole):
    grid = Grid.objects.create(
        code=f"{district.ELSEWHERE}001", community_id=district.ELSEWHERE, name="新网格", valid_from=BEGAN
    )
    BranchGrid.objects.create(branch=w.units[G1], grid=grid, valid_from=BEGAN)

    def mend():
        BranchGrid.objects.filter(grid=grid).delete()
        Grid.objects.filter(pk=grid.pk).update(valid_to=YESTERDAY)

    return mend


def unfit_form(w: Whole):
    unit = w.communities[ONE]
    w.count(unit, 49)
    return lambda: w.count(unit, 50)


BREAKS = [
    ("grid_uncovered", uncover, G2),
    ("branch_without_grid", strip_branch, G2),
    ("branch_detached", superior(G1, lambda w: None), G1),
    ("branch_detached", superior(G1, lambda w: w.communities[TWO]), G1),
    ("community_without_organisation", unorganised, district.ELSEWHERE),
    ("branch_below_three", count(2), G1),
    ("branch_above_fifty", count(51), G1),
    ("form_unfit", unfit_form, ONE),
    ("branch_uncounted", outdated_count, G1),
    ("committee_unfit", unfit_committee, G1),
    ("committee_unfit", unfit_community_committee, ONE),
    ("committee_unfit", no_community_committee, ONE),
    ("committee_unfit", unfit_party_committee, ONE),
    ("organisation_without_secretary", leave("community_secretary", TWO), TWO),
    ("branch_without_secretary", leave("branch_secretary", G3), G3),
    ("group_without_leader", leave("group_leader", ("group", G3)), G3),
    ("two_holders", second_substitute, G1),
    ("two_holders", stale_substitute, G1),
    ("two_holders", two_principals, G1),
    ("term_expired", expire, G1),
    ("term_due", fall_due, G1),
    ("term_missing", no_term, G1),
    ("group_scattered", scatter, G1),
    ("group_outside_branch", regrid, G1),
    ("group_detached", superior(("group", G1), lambda w: None), G1),
    ("group_without_building", strip_group, G2),
    ("group_too_few", count(2, ("group", G1)), G1),
    ("household_without_group", strand, G1),
    ("community_without_household", lambda w: end(MemberHousehold.objects.filter(place_code=G1)), ONE),
]


@pytest.mark.parametrize(
    ("key", "break_it", "place"), BREAKS, ids=[f"{b[0]}-{b[1].__name__}" for b in BREAKS]
)
def test_a_break_appears_alone_where_it_is_and_disappears(whole, key, break_it, place):
    mend = break_it(whole)
    assert set(found()) == {key}
    assert len(found(place=place)[key]) == 1
    row = finding(f"chain.{key}").rows(TODAY).get()
    since = finding(f"chain.{key}").since(row)
    assert since is None or since <= TODAY
    mend()
    assert found() == {}


def _field(name: str) -> str:
    return rf'<(input|select)[^>]*name="{name}"'


# What the page that mends a break must offer the officer who may mend it.
ACTS = {
    "grid_uncovered": r"/establish/\?add=",
    "branch_without_grid": _field("grids"),
    "branch_detached": r"\?superior=\d+",
    "community_without_organisation": _field("name"),
    "branch_below_three": r"/adjust/merge/",
    "branch_above_fifty": r"/adjust/split/",
    "form_unfit": _field("form"),
    "branch_uncounted": _field("full"),
    "committee_unfit": _field("committee_size"),
    "organisation_without_secretary": r'<option value="community_secretary"',
    "branch_without_secretary": r'<option value="branch_secretary"',
    "group_without_leader": r'<option value="group_leader"',
    "two_holders": r"/desk/appointments/\d+/end/.*/desk/appointments/\d+/end/",
    "term_expired": _field("number"),
    "term_due": _field("number"),
    "term_missing": _field("number"),
    "group_scattered": _field("buildings"),
    "group_outside_branch": _field("buildings"),
    "group_detached": _field("superior"),
    "group_without_building": _field("buildings"),
    "group_too_few": _field("full"),
    "household_without_group": r"/adjust/buildings/\?add=",
    "community_without_household": _field("building"),
}


@pytest.fixture
def officer(whole) -> Client:
    unit = organisations.found_unit(
        actor=SYSTEM,
        kind="district_government",
        name="演示区政府",
        place_code="210202",
        founded_on=BEGAN,
        document="文",
    )
    who = person(place="210202")
    organisations.appoint(
        actor=SYSTEM, person_id=who.pk, post="district_officer", unit_id=unit.pk, valid_from=BEGAN
    )
    return client_of(Account.objects.create(username="officer", person=who))


@pytest.mark.parametrize(
    ("key", "break_it"), [b[:2] for b in BREAKS], ids=[f"{b[0]}-{b[1].__name__}" for b in BREAKS]
)
def test_its_page_offers_the_act_that_mends_it(whole, officer, key, break_it):
    break_it(whole)
    each = finding(f"chain.{key}")
    answer = officer.get(each.mend(each.rows(TODAY).get()))
    assert answer.status_code == 200
    assert re.search(ACTS[key], answer.content.decode(), re.S), key


def test_a_community_organisation_is_founded_where_there_is_none(whole, officer):
    unorganised(whole)
    each = finding("chain.community_without_organisation")
    row = each.rows(TODAY).get()
    assert each.since(row) == BEGAN, "since its first grid"
    tree = officer.get(f"/desk/chain/{district.ELSEWHERE}/").content.decode()
    assert "成立社区党组织" in tree
    given = {
        "name": "演示新社区党委",
        "document": "演批3号",
        "effective_on": TODAY.isoformat(),
        "step": "preview",
    }
    page = officer.post(each.mend(row), given).content.decode()
    shown = re.search(r'name="shown" value="([^"]*)"', page).group(1)  # type: ignore[union-attr]  # must be there
    assert officer.post(each.mend(row), {**given, "shown": shown, "step": "apply"}).status_code == 302
    assert "community_without_organisation" not in found()


def test_without_an_organisation_since_the_last_one_ended(whole):
    end(UnitVersion.objects.filter(unit=whole.communities[TWO]))
    each = finding("chain.community_without_organisation")
    assert each.since(each.rows(TODAY).get(code=TWO)) == YESTERDAY


def test_every_finding_is_tried():
    declared = {each.key.removeprefix("chain.") for each in all_findings() if each.key.startswith("chain.")}
    assert declared == {key for key, _break, _place in BREAKS} == set(ACTS)


@pytest.mark.parametrize(
    ("key", "rule", "break_it", "name"),
    [
        ("branch_below_three", "branch.full_min", count(2), G1),
        ("branch_above_fifty", "branch.members_max", count(51), G1),
        ("group_too_few", "group.members_min", count(2, ("group", G1)), ("group", G1)),
        ("group_scattered", "group.adjacent_metres", scatter, ("group", G1)),
        ("group_outside_branch", "group.in_branch", regrid, ("group", G1)),
        ("committee_unfit", "branch.committee_min", unfit_committee, G1),
        ("committee_unfit", "general_branch.committee_size", unfit_community_committee, ONE),
    ],
)
def test_an_approval_in_force_ends_the_break_and_an_expired_one_does_not(whole, key, rule, break_it, name):
    break_it(whole)
    row = Approval.objects.create(
        unit=whole.units.get(name) or whole.communities[name],
        rule=rule,
        document="演批1号",
        valid_from=BEGAN,
        valid_to=TODAY,
    )
    assert set(found()) == {key}
    Approval.objects.filter(pk=row.pk).update(valid_to=None)
    assert found() == {}
    assert key not in found(YESTERDAY)


def test_a_joint_branch_may_have_two_full_members(whole):
    count(2)(whole)
    Form.objects.filter(unit=whole.units[G1]).update(form="joint_branch")
    assert found() == {}


def test_a_changed_rule_changes_what_is_broken_from_its_day_only(whole):
    RuleValue.objects.filter(key="branch.full_min").update(valid_to=TODAY)
    RuleValue.objects.create(key="branch.full_min", value=10, clause="演示规定", valid_from=TODAY)
    assert set(found()) == {"branch_below_three"}
    assert found(YESTERDAY) == {}


def test_since_when(whole):
    leave("branch_secretary", G3)(whole)
    row = finding("chain.branch_without_secretary").rows(TODAY).get()
    assert finding("chain.branch_without_secretary").since(row) == YESTERDAY
    expire(whole)
    row = finding("chain.term_expired").rows(TODAY).get()
    assert finding("chain.term_expired").since(row) == TODAY
    fall_due(whole)
    row = finding("chain.term_due").rows(TODAY).get()
    assert finding("chain.term_due").since(row) == TODAY


def test_all_breaks_of_a_district_are_counted_in_two_statements(whole):
    count(2)(whole)
    scatter(whole)
    known = all_findings()
    count_breaks(known, ["210202"], TODAY)  # the rules' numbers are kept from now on
    with CaptureQueriesContext(connection) as queries:
        counted = count_breaks(known, ["210202"], TODAY)
    found_keys = {
        known[number].key: found
        for number, found in counted.items()
        if known[number].key.startswith("chain.")
    }
    assert found_keys == {"chain.branch_below_three": 1, "chain.group_scattered": 1}
    assert len(queries) <= 4, [query["sql"][:60] for query in queries]
