"""The demo district as loaded: its figures, its rules kept, its audit, its cast."""

from __future__ import annotations

import datetime as dt
import os
import pty
import re
import select
import signal
import subprocess
import sys
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import Count, Exists, OuterRef
from django.db.models.fields import CharField
from django.db.models.functions import Cast

from doorstep.demo.cast import CAST, COMMUNITY, OUTSIDE
from doorstep.demo.patterns import UNORGANISED
from doorstep.demo.training import BREAKS
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.declarations.findings import all_findings, finding
from doorstep.kernel.indicators.selectors import figures
from doorstep.kernel.organisations.models import Appointment, Unit, UnitLineage, UnitVersion
from doorstep.kernel.organisations.services_bulk import NewUnit, found_units
from doorstep.kernel.people.models import Consent, Person, PersonKey
from doorstep.kernel.places.models import Area, Building, Grid, Outline
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.chain.models import BranchGrid, GroupBuilding, MemberHousehold

PUBLISHED = {
    "chain.community_organisations": 65, "chain.grid_branches": 547, "chain.building_groups": 325,
    "chain.member_households": 436, "grids.grids": 715, "grids.workers": 665,
}  # fmt: skip
AUDITED = [
    "places.Area", "places.Grid", "places.Compound", "places.Building", "places.Outline", "people.Person",
    "places.Venue", "organisations.Unit", "organisations.Appointment", "chain.MemberHousehold", "authority.Account",
]  # fmt: skip


def rows_of(found, place, on):
    return found.rows(on).filter(within(found.place_field, [place]))


def test_figures_are_the_published_ones(demo_database):
    found = {figure.key: figure.value for figure in figures("210202")}
    assert {key: found[key] for key in PUBLISHED} == PUBLISHED


def test_communities_add_up(demo_database):
    codes = Area.objects.filter(parent__parent="210202").values_list("code", flat=True)
    assert len(codes) == 65
    total = dict.fromkeys(PUBLISHED, 0)
    for code in codes:
        for figure in figures(code, keys=PUBLISHED):
            assert figure.value, (code, figure.key)
            total[figure.key] += figure.value
    assert total == PUBLISHED


def test_nothing_is_broken_in_the_demo_district(demo_database, clock_fixed):
    assert {found.key: rows_of(found, "210202", clock_fixed).count() for found in all_findings()} == {
        found.key: 0 for found in all_findings()
    }


@pytest.mark.parametrize("key", BREAKS)
def test_each_break_is_found_in_the_training_district(demo_database, clock_fixed, key):
    found = finding(key)
    rows = list(rows_of(found, "210299", clock_fixed))
    assert rows
    for row in rows:
        assert found.subject(row)
        since = found.since(row)
        assert since is None or since <= clock_fixed


def test_a_community_without_an_organisation_waits_in_the_training_district(demo_database, clock_fixed):
    rows = rows_of(finding("chain.community_without_organisation"), "210299", clock_fixed)
    assert [row.code for row in rows] == [UNORGANISED]


def test_every_kind_of_break_is_practised_but_the_one_that_cannot_be_made(demo_database):
    practised = {*BREAKS, "chain.community_without_organisation", "chain.two_holders"}
    assert {found.key for found in all_findings() if found.key.startswith("chain.")} == practised


@pytest.mark.parametrize("label", AUDITED)
def test_every_row_has_its_audit_row(demo_database, label):
    model = apps.get_model(label)
    told = Entry.objects.filter(target=model._meta.label_lower, target_id=Cast(OuterRef("pk"), CharField()))
    rows = model.objects.exclude(code="") if label == "places.Area" else model.objects.all()
    assert rows.exists()
    assert not rows.filter(~Exists(told)).exists()


def test_changes_without_a_row_of_their_own_are_in_the_audit(demo_database):
    told = dict(Entry.objects.values_list("action").annotate(Count("pk")).order_by())
    assert told["chain.branch_established"] >= 555
    assert told["chain.group_formed"] >= 337
    assert told["chain.members_counted"] > 2500
    assert told["chain.term_started"] > 600
    assert not Entry.objects.exclude(system_reason="演示数据装载").exists()


def test_everybody_is_covered(demo_database, clock_fixed):
    grids = Grid.objects.in_force(clock_fixed).filter(code__startswith="210202")
    branches = BranchGrid.objects.in_force(clock_fixed).filter(grid__in=grids)
    assert branches.values("grid").distinct().count() == branches.count() == 715
    workers = Appointment.objects.in_force(clock_fixed).filter(
        post="grid_worker", place_code__startswith="210202"
    )
    places = [place.code for worker in workers.prefetch_related("places") for place in worker.places.all()]
    assert sorted(places) == sorted(grids.values_list("code", flat=True))
    assert workers.values("person").distinct().count() == 665


def test_about_six_thousand_buildings_lie_in_their_grids(demo_database):
    assert Building.objects.filter(place_code__startswith="210202").count() == 6000
    assert not Building.objects.exclude(place_code__regex=r"^\d{15}$").exists()
    assert Building.objects.filter(outline=None).count() == 0
    assert (
        Outline.objects.filter(place_code__startswith="210202", illustrative=True).count() == 1 + 6 + 65 + 715
    )
    assert not Outline.objects.filter(repaired=True).exists()


def test_people_are_plainly_made_up_and_their_numbers_sealed(demo_database):
    assert not Person.objects.exclude(name__regex="^(演示|练习)").exists()
    assert not Person.objects.filter(phone_sealed=None).exists()
    assert Person.objects.count() == PersonKey.objects.count()
    assert not Person.objects.exclude(identity_sealed=None).exists()


def test_some_households_show_their_name_and_some_do_not(demo_database):
    shown = Consent.objects.filter(person=OuterRef("person"), purpose="show_household_name")
    households = MemberHousehold.objects.in_force().filter(place_code__startswith="210202")
    assert 150 < households.filter(Exists(shown)).count() < 400


def test_the_district_has_a_past(demo_database, clock_fixed):
    year_ago = clock_fixed - dt.timedelta(days=365)
    before = {figure.key: figure.value for figure in figures("210202", on=year_ago, keys=PUBLISHED)}
    assert before["chain.grid_branches"] < 547 and before["grids.workers"] < 665
    assert before["chain.building_groups"] < 325 and before["chain.member_households"] < 436
    assert Appointment.objects.filter(valid_to__lte=clock_fixed, post="community_secretary").count() >= 23


def test_branches_merged_and_split_with_their_lineage(demo_database, clock_fixed):
    for kind in ("merged", "split"):
        rows = UnitLineage.objects.filter(kind=kind, unit__kind="grid_party_branch")
        assert rows.count() >= 3
        assert all(row.document and row.effective_on < clock_fixed for row in rows)
    gone = Unit.objects.filter(kind="grid_party_branch", ended_on__isnull=False)
    assert gone.count() >= 5
    assert not Appointment.objects.in_force(clock_fixed).filter(unit__in=gone).exists()


def test_groups_cover_neighbouring_buildings(demo_database):
    groups = GroupBuilding.objects.in_force().values("group").annotate(buildings=Count("pk"))
    sizes = [row["buildings"] for row in groups]
    assert len(sizes) > 325 and sum(sizes) / len(sizes) > 3


@pytest.mark.parametrize("member", CAST, ids=lambda member: member.username)
def test_the_cast_holds_its_posts(demo_database, member):
    account = Account.objects.get(username=member.username)
    assert account.is_demo and not account.has_usable_password()
    actor = actor_for(account)
    assert member.post in actor.posts() if member.post else not actor.grants
    if member.post:
        assert all(
            place.startswith(member.district) or member.district.startswith(place)
            for grant in actor.grants
            for place in grant.places
        )


def test_neighbours_do_not_see_each_other(demo_database):
    units = policy_for(UnitVersion)
    for username, own, foreign in (
        ("secretary", COMMUNITY, OUTSIDE), ("outsider", OUTSIDE, COMMUNITY),
        ("street", "210202005", "210202001"), ("street2", "210202001", "210202005"),
        ("district", "210202", "210299"), ("training", "210299", "210202"),
    ):  # fmt: skip
        rows = units.visible_to(actor_for(Account.objects.get(username=username)))
        assert rows.filter(place_code__startswith=own).exists()
        assert not rows.filter(place_code__startswith=foreign).exists()


def test_loading_again_changes_nothing(demo_database):
    entries, said = Entry.objects.count(), StringIO()
    call_command("load_demo", stdout=said)
    assert "未作改动" in said.getvalue()
    assert Entry.objects.count() == entries


def test_a_database_in_use_is_left_alone(fresh_database):
    found_units(
        actor=system_actor("tests"),
        units=[NewUnit(kind="company", name="示例公司", place_code="", founded_on=dt.date(2024, 1, 1))],
    )
    with pytest.raises(CommandError, match="空的数据库"):
        call_command("load_demo")
    assert Unit.objects.count() == 1


def test_a_load_that_is_killed_leaves_nothing(fresh_database):
    """It is ended as soon as its bar says that some steps are done."""
    before = Area.objects.count()
    terminal, its_end = pty.openpty()
    started = subprocess.Popen([sys.executable, "-m", "django", "load_demo"], stdout=its_end, stderr=its_end)
    os.close(its_end)
    shown = ""
    while not re.search(r"\b([3-9]|[1-9]\d)/\d\d", shown):
        assert select.select([terminal], [], [], 60)[0] and started.poll() is None, shown
        shown += os.read(terminal, 4096).decode(errors="replace")
    started.send_signal(signal.SIGKILL)
    started.wait()
    os.close(terminal)
    assert (Area.objects.count(), Grid.objects.count(), Person.objects.count(), Entry.objects.count()) == (
        before, 0, 0, 0,
    )  # fmt: skip
