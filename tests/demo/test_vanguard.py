"""The vanguard of the demo district: exactly what was published, from rows, by every rule, never twice."""

from __future__ import annotations

import pytest
from django.db.models import F, Q

from doorstep.demo.vanguard import past, standing
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.declarations.work import all_providers
from doorstep.kernel.indicators.selectors import figures
from doorstep.kernel.matters.models import History, Matter
from doorstep.launch import templates
from doorstep.modules.vanguard.models import Area, Feedback, Member, Project, Served, Wish
from doorstep.modules.vanguard.selectors import results_of, vacant
from tests.clones import own_database, own_name, pointed_at
from tests.conftest import DEMO_DAY


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The demo district with its vanguard, a load that was cut off before the wishes and gone on with."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DOORSTEP_TODAY", DEMO_DAY.isoformat())
        name, template = own_name("vanguard"), templates.demo_template(DEMO_DAY)
        with own_database(name, template), pointed_at(name, django_db_blocker):
            assert past.is_missing()
            patched.setattr(past, "bring_wishes", _killed)
            with pytest.raises(KeyboardInterrupt):
                past.load()
            patched.undo()
            patched.setenv("DOORSTEP_TODAY", DEMO_DAY.isoformat())
            yield past.load()


def _killed(**given: object) -> None:
    raise KeyboardInterrupt


def test_the_published_figures_from_rows(loaded):
    found = {each.indicator.key: each.value for each in figures("210202", on=DEMO_DAY)}
    assert found["vanguard.posts"] == 1521
    assert found["vanguard.responsibility_areas"] == 813
    assert found["vanguard.projects"] == 121
    drawn = Area.objects.filter(outline__isnull=False)
    assert drawn.count() > 50 and not drawn.filter(parts__isnull=False).exists()
    assert found["vanguard.difficulties_solved"] == 2309
    assert found["vanguard.members_reporting"] >= 1500
    assert found["vanguard.services"] >= 20_000
    assert found["vanguard.vacant_posts"] == standing.VACANT == vacant(DEMO_DAY).count()


def test_loading_again_changes_nothing(loaded):
    before = Matter.objects.count(), Member.objects.count(), Served.objects.count()
    assert not past.is_missing() and past.load() == 0
    assert (Matter.objects.count(), Member.objects.count(), Served.objects.count()) == before


def test_every_rule_holds(loaded):
    closed = Wish.objects.filter(matter__state="closed")
    assert not closed.filter(member=None).exists()
    words = History.objects.filter(matter__in=closed.values("pk"), name="confirm_for")
    assert words.exists() and not words.filter(person=F("matter__handler")).exists()
    assert not words.filter(Q(data={}) | Q(matter__vanguard_wish__person_has_phone=True)).exists()
    assert not closed.filter(member__person=F("matter__reporter")).exists()
    assert not Served.objects.filter(day__lt=F("member__valid_from")).exists()
    assert Feedback.objects.filter(year=DEMO_DAY.year - 1).exists()
    results = results_of(list(Project.objects.values_list("pk", flat=True)))
    assert sum(one.times > 0 for one in results.values()) > 60


def work(username: str, key: str) -> int:
    (provider,) = [each for each in all_providers() if each.key == key]
    return provider.items(actor_for(Account.objects.get(username=username)), DEMO_DAY, 20)[1]


def test_the_cast_finds_something_in_hand(loaded):
    for key in ("vanguard.receive", "vanguard.publish", "vanguard.ask"):
        assert work("secretary", key) >= 1, key
    member = Account.objects.get(username="member")
    assert not Member.objects.filter(person=member.person).exists()
