"""Two years of volunteering and culture: who and what there is, one month by every rule, never twice, provable."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Count, F, Q, Sum

from doorstep.demo.requests.past import LOADING, months_until
from doorstep.demo.volunteering import cast_life, past
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.activities.models import Attendance, Session, SignUp
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.declarations.work import all_providers
from doorstep.kernel.indicators.selectors import figures
from doorstep.kernel.ledger.models import Balance
from doorstep.kernel.ledger.seal import seal_committed
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.launch import templates
from doorstep.launch.locations import PROJECT
from doorstep.modules.culture.models import Event
from doorstep.modules.volunteering.models import (
    Approval,
    Credit,
    Force,
    Item,
    Membership,
    Programme,
    Slip,
    Volunteer,
)
from tests.clones import own_database, own_name, pointed_at
from tests.conftest import DEMO_DAY

MONTHS = months_until(DEMO_DAY)
KILLED_BEFORE_THE_APPROVALS = """
import os, signal, django
django.setup()
from doorstep.demo.volunteering import past
past.approve_past = lambda **given: os.kill(os.getpid(), signal.SIGKILL)
past.load_month(past.months_until(past.demo_day())[1])
"""


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The demo district with its first month of volunteering, a second one that was cut off and gone on with."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DOORSTEP_TODAY", DEMO_DAY.isoformat())
        name, template = own_name("volunteering"), templates.demo_template(DEMO_DAY)
        with own_database(name, template), pointed_at(name, django_db_blocker):
            past.set_up(system_actor(LOADING), DEMO_DAY)
            cast_life.play(DEMO_DAY)
            past.load_month(MONTHS[0])
            killed = subprocess.run(
                [sys.executable, "-c", KILLED_BEFORE_THE_APPROVALS],
                cwd=PROJECT,
                capture_output=True,
                check=False,
            )
            assert killed.returncode == -9, killed.stderr.decode()[-2000:]
            cut_off = past.standing()
            past.load_month(MONTHS[1])
            yield cut_off


def test_who_and_what_there_is(loaded):
    assert UnitVersion.objects.in_force(DEMO_DAY).filter(kind="volunteer_team").count() == 654
    assert Appointment.objects.in_force(DEMO_DAY).filter(post="team_leader").count() == 654
    assert Force.objects.in_force(DEMO_DAY).count() >= 50
    assert Volunteer.objects.count() == 12_001  # and the resident of the cast
    assert Membership.objects.count() == 12_001
    assert (
        UnitVersion.objects.in_force(DEMO_DAY)
        .filter(kind="merchant", place_code__startswith="210202")
        .count()
        == 40
    )
    assert Item.objects.count() == 200
    assert {"五福林海", "微光望海"} < set(Programme.objects.values_list("name", flat=True))
    assert Programme.objects.count() == 6


def test_the_two_years_have_what_was_published(loaded):
    assert past.standing().total >= 3_100
    from doorstep.demo.volunteering import events

    assert sum(events.number_on(day) for month in MONTHS for day in month.days) >= 700


def test_a_month_that_was_cut_off_is_gone_on_with(loaded):
    assert MONTHS[1] in loaded.waiting and MONTHS[0] not in loaded.waiting
    assert MONTHS[1] not in past.standing().waiting
    assert Session.objects.filter(kind="service", day__lt=MONTHS[2].first).count() == past.count_of(
        MONTHS[0]
    ) + past.count_of(MONTHS[1])


def test_loading_again_changes_nothing(loaded):
    before = Session.objects.count(), Credit.objects.count(), Slip.objects.count(), Event.objects.count()
    past.load_month(MONTHS[0])
    assert cast_life.play(DEMO_DAY) == 0
    assert (Session.objects.count(), Credit.objects.count(), Event.objects.count()) == (
        before[0],
        before[1],
        before[3],
    )


def test_every_rule_holds(loaded):
    approvals = Approval.objects.select_related("session")
    assert not approvals.filter(by=F("session__confirmed_by")).exists()
    assert not approvals.filter(by__in=Attendance.objects.filter(session=1).values("person")).exists()
    assert not Credit.objects.filter(minutes__gt=240).exists()
    days = Credit.objects.values("volunteer", "day").annotate(all=Sum("minutes"))
    assert not days.filter(all__gt=480).exists()
    assert not SignUp.objects.filter(state="joined", is_minor=True).exists()
    points = Credit.objects.aggregate(all=Sum("points"))["all"]
    held = Balance.objects.filter(account__in=Volunteer.objects.values("points")).aggregate(
        all=Sum("amount")
    )["all"]
    spent = Slip.objects.filter(~Q(state__in=["void", "expired"])).aggregate(all=Sum("points"))["all"] or 0
    assert points == held + spent


def test_the_books_are_provable(loaded):
    seal_committed()
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert Credit.objects.exclude(points_booking=None).count() == Credit.objects.filter(points__gt=0).count()


def test_figures(loaded):
    found = {each.indicator.key: each.value for each in figures("210202", on=DEMO_DAY)}
    assert found["volunteering.teams"] == 654 and found["volunteering.professional_forces"] >= 50
    assert found["volunteering.services"] >= past.count_of(MONTHS[0])
    assert found["points.programmes"] == 6 and found["points.documents"] == 2
    assert found["culture.events"] > 20


def work(username: str, key: str) -> int:
    (provider,) = [each for each in all_providers() if each.key == key]
    return provider.items(actor_for(Account.objects.get(username=username)), DEMO_DAY, 20)[1]


def test_the_cast_finds_something_in_hand(loaded):
    own = Volunteer.objects.get(person=Account.objects.get(username="resident").person)
    assert Credit.objects.filter(volunteer=own).count() == 6
    assert Slip.objects.filter(volunteer=own, state="held").count() == 1
    assert work("leader", "volunteering.confirm") >= 1
    assert work("secretary", "volunteering.approve") >= 1
    assert Session.objects.filter(state="announced").values("kind").annotate(n=Count("pk")).count() == 2
