"""The first three administrators; three posts, never two in one hand."""

import datetime as dt
import io
import json
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.authority.services_bootstrap import FirstOfficer, appoint_first_officer
from doorstep.kernel.organisations.kinds import ADMINISTRATION_POSTS
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.services import appoint, end_appointment
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services import register_person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from tests.authority.cast import COMMUNITY, DISTRICT, STREET, SYSTEM, make_member, make_places
from tests.sign_in import client_of


def bootstrap() -> list[dict[str, str]]:
    out = io.StringIO()
    call_command("bootstrap_admins", "--format", "json", stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.django_db
def test_three_accounts_of_three_people_with_three_posts():
    made = bootstrap()
    assert [one["post"] for one in made] == list(ADMINISTRATION_POSTS)
    assert Account.objects.count() == Person.objects.count() == 3
    for one in made:
        account = Account.objects.get(username=one["username"])
        assert account.check_password(one["password"]) and account.must_change_password
        assert actor_for(account).posts() == {one["post"]}


@pytest.mark.django_db
def test_a_second_time_is_refused():
    bootstrap()
    with pytest.raises(CommandError, match="只能建立一次"):
        bootstrap()
    assert Account.objects.count() == 3


@pytest.mark.django_db
def test_an_installation_with_accounts_is_not_empty():
    make_places()
    make_member("resident")
    with pytest.raises(CommandError, match="只能建立一次"):
        bootstrap()


def test_two_at_once_make_three(fresh_database):
    outcomes: list[str] = []

    def run():
        try:
            outcomes.append(str(len(bootstrap())))
        except CommandError:
            outcomes.append("refused")
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["3", "refused"]
    assert Account.objects.count() == 3


@pytest.mark.django_db
def test_the_first_sign_in_changes_the_password_and_sets_the_second_factor(client: Client):
    one = bootstrap()[0]
    client.post("/sign-in/", {"login": one["username"], "password": one["password"]})
    assert client.get("/account/")["Location"] == "/account/password/"
    new = "Quince-Tree-2204"
    form = {"oldpassword": one["password"], "password1": new, "password2": new}
    client.post("/account/password/", form)
    assert client.get("/account/")["Location"] == "/account/second-factor/totp/activate/"


@pytest.mark.django_db
def test_nobody_holds_two_of_the_three_posts():
    make_places()
    member = make_member("system_administrator")
    security = make_member("security_administrator")
    held = Appointment.objects.get(person=member.person)
    with pytest.raises(RuleViolation, match="一人只能任其一"):
        appoint(
            actor=security.actor, person_id=member.person.pk, unit_id=held.unit_id, post="audit_administrator",
            valid_from=held.valid_from,
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        appoint(
            actor=member.actor, person_id=security.person.pk, unit_id=held.unit_id, post="audit_administrator",
            valid_from=held.valid_from,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="appointment_one_administration"), transaction.atomic():
        Appointment.objects.create(
            person=member.person, unit=held.unit, post="audit_administrator", valid_from=held.valid_from, place_code=""
        )  # fmt: skip


@pytest.mark.django_db
def test_administration_sees_no_business_and_business_no_administration():
    make_places()
    capabilities = {
        role: {capability for grant in make_member(role).actor.grants for capability in grant.capabilities}
        for role in (*ADMINISTRATION_POSTS, "district_officer", "community_secretary")
    }
    business = capabilities["district_officer"] | capabilities["community_secretary"]
    for role in ADMINISTRATION_POSTS:
        assert not capabilities[role] & business, role
    assert not capabilities["audit_administrator"] & capabilities["system_administrator"]
    assert not capabilities["audit_administrator"] & capabilities["security_administrator"]
    assert SYSTEM.is_system


FIRST = ["--unit", "演示区委", "--document", "演示〔2026〕1号", "--district", DISTRICT]


def first_officer(name: str = "演示区员", *more: str) -> list[dict[str, str]]:
    out = io.StringIO()
    call_command("bootstrap_admins", "--format", "json", "--officer", name, *FIRST, *more, stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.django_db
def test_administrators_and_the_first_officer_at_once():
    make_places()
    made = first_officer()
    assert [one["post"] for one in made] == [*ADMINISTRATION_POSTS, "district_officer"]
    account = Account.objects.get(username=made[-1]["username"])
    assert account.check_password(made[-1]["password"]) and account.must_change_password
    actor = actor_for(account)
    assert actor.holds("organisations.appoint_officers", DISTRICT) and not actor.holds(
        "authority.manage_accounts", ""
    )
    told = set(Entry.objects.values_list("action", flat=True))
    assert {"organisations.founded", "organisations.appointed", "authority.create_account"} <= told


@pytest.mark.django_db
def test_the_first_officer_comes_after_the_administrators_where_places_came_late():
    bootstrap()
    with pytest.raises(CommandError, match="doorstep places import"):
        first_officer()
    make_places()
    assert [one["post"] for one in first_officer()] == ["district_officer"]
    assert Account.objects.count() == 4


@pytest.mark.django_db
def test_only_while_no_district_officer_is_in_office():
    make_places()
    bootstrap()
    first_officer("演示区员", "--phone", "13800000009")
    with pytest.raises(CommandError, match="由在任的区级工作人员"):
        first_officer("演示另一人")
    assert Appointment.objects.filter(post="district_officer").count() == 1
    held = Appointment.objects.get(post="district_officer")
    later = clock.today() + dt.timedelta(days=10)
    with clock.fixed(later):
        end_appointment(actor=SYSTEM, appointment_id=held.pk, on=later)
        again = first_officer("演示区员", "--phone", "13800000009")
        assert again[0]["password"] == "", "the same person keeps the account they have"
    assert Appointment.objects.filter(post="district_officer").values("unit").distinct().count() == 1
    assert Account.objects.count() == 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "words"),
    [(["--document", ""], "批准文号"), (["--unit", ""], "名称"), (["--district", STREET], "6位代码"),
     (["--phone", "12"], "手机")],
)  # fmt: skip
def test_bad_words_make_nobody(options, words):
    make_places()
    with pytest.raises(CommandError, match=words):
        first_officer("演示区员", *options)
    assert not Account.objects.exists() and not Appointment.objects.exists()


@pytest.mark.django_db
def test_no_administrator_appoints_the_first_officer():
    make_places()
    bootstrap()
    administrator = actor_for(Account.objects.get(username="system"))
    first = FirstOfficer(place_code=DISTRICT, unit_name="演示区委", document="文", name="演示区员")
    with pytest.raises(NotAllowed, match="服务器"):
        appoint_first_officer(actor=administrator, first=first)


@pytest.mark.django_db
def test_an_administrator_to_be_gets_an_account_by_whole_number():
    make_places()
    bootstrap()
    register_person(actor=SYSTEM, name="演示将任", place_code=COMMUNITY, phone="13800000031")
    system = client_of(Account.objects.get(username="system"))
    Account.objects.update(must_change_password=False)
    page = "/desk/accounts/new/"
    for text in ("演示将", "1380000003"):
        assert "演示将任" not in system.get(page, {"q": text}).content.decode(), text
    found = system.get(page, {"q": "138 0000 0031"}).content.decode()
    assert "演示将任" in found and "没有任职" in found
    assert "doorstep bootstrap --officer" in found, "no officer is in office: the page says the way out"
    first_officer()
    assert "doorstep bootstrap --officer" not in system.get(page).content.decode()
