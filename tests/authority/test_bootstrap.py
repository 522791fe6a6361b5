"""The first three administrators; three posts, never two in one hand."""

import io
import json
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.organisations.kinds import ADMINISTRATION_POSTS
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.services import appoint
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from tests.authority.cast import SYSTEM, make_member, make_places


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
