"""What each of the cast finds of partners on the first day; every page of theirs answers, in both languages."""

import pytest
from django.test import Client

from doorstep.demo.partners.cast_life import play
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.declarations.work import all_providers
from doorstep.modules.partnership.models import Consultation, Deed, Nomination, Pairing, Resolution
from tests.conftest import DEMO_DAY
from tests.sign_in import client_of

COMMUNITY = "210202005011"


@pytest.fixture(autouse=True)
def played(demo_database, settings):
    settings.DEMO = True
    assert play(DEMO_DAY) == 2 and play(DEMO_DAY) == 0


def client(username: str) -> Client:
    return client_of(Account.objects.get(username=username))


def work(username: str) -> dict[str, int]:
    actor = actor_for(Account.objects.get(username=username))
    found = {
        each.key: each.items(actor, DEMO_DAY, 20)[1]
        for each in all_providers()
        if each.key.startswith("partnership")
    }
    return {key.removeprefix("partnership."): number for key, number in found.items() if number}


def test_what_waits_for_whom():
    assert work("secretary") == {"expiring": 1, "nominations": 1, "to_confirm": 1, "topics": 1, "deeds": 1}
    # what a department did is the community's alone to confirm
    assert work("street") == {"expiring": 1, "nominations": 1, "topics": 1}
    assert work("partner") == {"own_resolutions": 1}
    assert work("outsider") == work("merchant") == work("street2") == {}


def pages() -> list[str]:
    coming = Consultation.objects.get(title__startswith="暑期")
    unit = Nomination.objects.first().unit_id
    pairing = Pairing.objects.get()
    return [
        "/desk/partnership/at/210202/", "/desk/partnership/at/210202005/", f"/desk/partnership/at/{COMMUNITY}/",
        f"/desk/partnership/committee/{COMMUNITY}/", f"/desk/partnership/units/{unit}/",
        *(f"/desk/partnership/commissioners/{row.pk}/" for row in Nomination.objects.all()),
        *(f"/desk/partnership/meetings/{row.pk}/" for row in Consultation.objects.all()),
        f"/desk/partnership/meetings/{coming.pk}/topic/", f"/desk/partnership/pairings/{pairing.pk}/",
        f"/desk/partnership/departments/{pairing.department_id}/", "/partner/",
        *(f"/partner/resolutions/{row.pk}/" for row in Resolution.objects.filter(unit_id=unit)),
        f"/desk/partnership/agreements/new/?place={COMMUNITY}&q=示例", f"/desk/partnership/commissioners/new/?place={COMMUNITY}",
        f"/desk/partnership/meetings/new/?place={COMMUNITY}", f"/desk/partnership/activities/new/?place={COMMUNITY}",
        f"/desk/partnership/pairings/new/?place={COMMUNITY}", f"/desk/partnership/pairings/{pairing.pk}/deed/",
        f"/desk/partnership/deeds/{Deed.objects.filter(confirmed_at=None).get().pk}/confirm/",
        *(f"/desk/matters/{row.matter.number}/" for row in Resolution.objects.select_related("matter")),
    ]  # fmt: skip


def found(username: str) -> set[str]:
    """Which of the pages are there for somebody; none fails."""
    answers = {}
    own = client(username)
    for language in ("zh-hans", "en"):
        own.cookies["django_language"] = language
        answers |= {page: own.get(page).status_code for page in pages()}
        assert set(answers.values()) <= {200, 403, 404}, {
            page: code for page, code in answers.items() if code >= 500
        }
    return {page for page, code in answers.items() if code == 200}


def test_the_secretary_opens_what_is_the_communitys():
    seen = found("secretary")
    assert {page for page in pages() if page not in seen} == {
        "/desk/partnership/at/210202/", "/desk/partnership/at/210202005/", "/partner/",
        *(f"/partner/resolutions/{row.pk}/" for row in Resolution.objects.all() if row.unit_id == Nomination.objects.first().unit_id),
        f"/desk/partnership/pairings/new/?place={COMMUNITY}",
    }  # fmt: skip


def test_the_partner_opens_its_own():
    seen = found("partner")
    assert "/partner/" in seen and f"/desk/partnership/units/{Nomination.objects.first().unit_id}/" in seen
    assert (
        f"/desk/partnership/committee/{COMMUNITY}/" not in seen
        and f"/desk/partnership/at/{COMMUNITY}/" not in seen
    )
    assert len([page for page in seen if page.startswith("/partner/resolutions/")]) == 2
    assert len([page for page in seen if page.startswith("/desk/matters/")]) == 2


@pytest.mark.parametrize("username", ["outsider", "street2", "merchant", "resident", "sysadmin"])
def test_to_others_none_of_it_exists(username):
    assert found(username) == set()


def test_the_department_and_the_district():
    seen = found("department")
    pairing = Pairing.objects.get()
    assert {
        "/partner/",
        f"/desk/partnership/pairings/{pairing.pk}/",
        f"/desk/partnership/departments/{pairing.department_id}/",
    } <= seen
    assert f"/desk/partnership/pairings/new/?place={COMMUNITY}" in found("district")
