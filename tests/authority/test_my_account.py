"""One's own account: data, consents, who looked, erasure."""

import datetime as dt
import json

import pytest
from axes.models import AccessAttempt

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.authority.models import Account
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.services import appoint, end_appointment, withdraw_appointment
from doorstep.kernel.people.erasure import erase_person
from doorstep.kernel.people.selectors import has_consent, masked
from doorstep.kernel.people.services import reveal
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from tests.authority.cast import SYSTEM, make_member, make_places

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places():
    make_places()


@pytest.fixture
def resident(client):
    member = make_member("resident")
    client.force_login(member.account, backend="doorstep.kernel.authority.backends.AccountBackend")
    return member


def test_the_page_shows_masked_values_alone(client, resident):
    page = client.get("/account/").content.decode()
    assert "138****0001" in page and "13800000001" not in page


def test_my_data_with_who_looked_and_why(client, resident):
    worker = make_member("community_secretary")
    reveal(actor=worker.actor, person=resident.person, field="phone", purpose="visit")
    page = client.post("/account/data/").content.decode()
    for words in ("13800000001", "演示community_secretary", "预约上门走访或服务", "谁看过我的完整信息"):
        assert words in page
    answer = client.post("/account/data/", {"format": "json"})
    data = json.loads(answer.content)
    assert data["person"][0]["phone"] == "13800000001" and data["account"][0]["username"] == "resident"
    assert [row["purpose"] for row in data["looked_at"]] == ["本人查阅", "预约上门走访或服务"]
    assert "attachment" in answer["Content-Disposition"] and "no-store" in answer["Cache-Control"]
    assert Entry.objects.filter(action="people.access").count() == 2


def test_my_data_is_not_shown_by_a_link(client, resident):
    assert client.get("/account/data/").status_code == 405


def test_nobody_in_particular_is_sent_to_the_sign_in(client):
    for path in ("/account/", "/account/data/", "/account/consent/", "/account/phone/"):
        assert client.post(path)["Location"].startswith("/sign-in/")


def test_consents_are_given_and_withdrawn(client, resident):
    client.post("/account/consent/", {"purpose": "notices", "give": "1"})
    assert has_consent(resident.person.pk, "notices")
    client.post("/account/consent/", {"purpose": "notices", "give": "0"})
    assert not has_consent(resident.person.pk, "notices")
    answer = client.post("/account/consent/", {"purpose": "odd", "give": "1"}, follow=True)
    assert "没有“odd”这项同意用途" in answer.content.decode()


def test_my_phone_is_mine_to_correct(client, resident):
    client.post("/account/phone/", {"phone": "139 0000 0002"})
    resident.person.refresh_from_db()
    assert masked(resident.person, "phone") == "139****0002"
    assert "手机号应为11位" in client.post("/account/phone/", {"phone": "139"}, follow=True).content.decode()


def test_an_erasure_takes_the_account_with_it(client, resident):
    erase_person(actor=SYSTEM, person=resident.person, ground="asked")
    account = Account.objects.get()
    assert account.username == f"erased-{account.pk}" and not account.is_active
    assert client.get("/account/")["Location"].startswith("/sign-in/")


def test_nobody_in_office_is_erased():
    member = make_member("community_secretary")
    with pytest.raises(RuleViolation, match="请先办理离任") as refusal:
        erase_person(actor=SYSTEM, person=member.person, ground="asked")
    assert "第四十七条" in str(refusal.value.clause)
    held = Appointment.objects.get(person=member.person)
    end_appointment(actor=SYSTEM, appointment_id=held.pk, on=clock.today(), reason="届满")
    assert erase_person(actor=SYSTEM, person=member.person, ground="asked").erased_at is not None


def test_an_erasure_waits_for_an_office_yet_to_come_and_forgets_attempts(client):
    resident, unit = (
        make_member("resident"),
        Appointment.objects.get(person=make_member("grid_worker").person).unit,
    )
    held = appoint(
        actor=SYSTEM, person_id=resident.person.pk, unit_id=unit.pk, post="community_worker",
        valid_from=clock.today() + dt.timedelta(days=9),
    )  # fmt: skip
    with pytest.raises(RuleViolation, match="任职"):
        erase_person(actor=SYSTEM, person=resident.person, ground="asked")
    withdraw_appointment(actor=SYSTEM, appointment_id=held.pk, on=clock.today())
    client.post("/sign-in/", {"login": "resident", "password": "wrong"})
    assert AccessAttempt.objects.filter(username="resident").exists()
    erase_person(actor=SYSTEM, person=resident.person, ground="asked")
    assert not AccessAttempt.objects.exists()
