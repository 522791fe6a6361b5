"""Keys for programs: made once, kept as a hash, stopped with their owner; each rule by what happens without it."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from doorstep.kernel.access.actors import ANONYMOUS
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.authority.models import Account, Token
from doorstep.kernel.authority.scopes import all_scopes
from doorstep.kernel.authority.services import deactivate_account, reset_password
from doorstep.kernel.authority.services_tokens import bearer_of, digest_of, make_token, revoke_token
from doorstep.kernel.organisations.models import Appointment, Unit
from doorstep.kernel.organisations.services import appoint, found_unit
from doorstep.kernel.people.erasure import erase_person
from doorstep.kernel.people.purposes import erasure_grounds
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from tests.authority.cast import DISTRICT, PASSWORD, SINCE, SYSTEM, Member, make_member, make_places

TODAY = dt.date(2026, 6, 15)
ACT, READ, OPEN311 = "matters.act", "matters.read", "open311.report"


@pytest.fixture(autouse=True)
def today(db):
    with clock.fixed(TODAY):
        make_places()
        yield TODAY


def key(member: Member, *scopes: str, until: dt.date = TODAY, **more):
    return make_token(actor=member.actor, name="大屏取数", scopes=scopes or [READ], expires_on=until, **more)


def with_factor(member: Member) -> Member:
    TOTP.activate(member.account, generate_totp_secret())
    return member


def partner() -> Unit:
    return found_unit(
        actor=SYSTEM,
        kind="company",
        name="演示应用公司",
        place_code=DISTRICT,
        founded_on=SINCE,
        document="文",
    )


def test_only_a_hash_is_kept_and_the_key_is_said_once():
    officer = with_factor(make_member("street_officer"))
    made = key(officer)
    assert made.secret.startswith(made.token.prefix) and len(made.secret) > 40
    kept = Token.objects.values().get(pk=made.token.pk)
    assert made.secret not in str(kept) and kept["digest"] == digest_of(made.secret)
    entry = Entry.objects.filter(action="authority.make_token").get()
    assert made.secret not in str(entry.changes) and entry.changes["prefix"] == [None, made.token.prefix]


def test_a_key_acts_as_its_owner_and_the_audit_says_which_key():
    officer = with_factor(make_member("street_officer"))
    made = key(officer)
    bearer = bearer_of(made.secret)
    assert (
        bearer
        and bearer.actor.account_id == officer.account.pk
        and bearer.actor.grants == officer.actor.grants
    )
    assert bearer.may(READ) and not bearer.may(ACT)
    assert f"key {made.token.prefix}" in bearer.actor.scope_text()
    assert bearer_of(made.secret[:-1]) is None and bearer_of("") is None and bearer_of("\ud800") is None


def test_its_last_day_counts_and_the_next_does_not():
    made = key(with_factor(make_member("street_officer")))
    assert bearer_of(made.secret)
    with clock.fixed(TODAY + dt.timedelta(1)):
        assert bearer_of(made.secret) is None


def test_the_day_of_use_is_written_once_a_day(django_assert_num_queries):
    made = key(make_member("resident"))
    with django_assert_num_queries(3):  # the key with its owner, the owner's posts, the day
        bearer_of(made.secret)
    assert Token.objects.get(pk=made.token.pk).last_used_on == TODAY
    with django_assert_num_queries(2):
        bearer_of(made.secret)


@pytest.mark.parametrize(
    ("scopes", "until", "field"),
    [
        ([], TODAY, "scopes"), (["no.such"], TODAY, "scopes"), ([READ], TODAY - dt.timedelta(1), "expires_on"),
        ([READ], TODAY + dt.timedelta(367), "expires_on"), ([READ], dt.date.min, "expires_on"),
    ],
)  # fmt: skip
def test_what_is_refused_names_the_field(scopes, until, field):
    with pytest.raises(RuleViolation) as refused:
        make_token(actor=make_member("resident").actor, name="程序", scopes=scopes, expires_on=until)
    assert refused.value.field == field and not Token.objects.exists()


@pytest.mark.parametrize("name", ["", "  \x00 ", "长" * 61])
def test_a_purpose_is_said(name):
    with pytest.raises(RuleViolation) as refused:
        make_token(actor=make_member("resident").actor, name=name, scopes=[READ], expires_on=TODAY)
    assert refused.value.field == "name"


def test_ten_live_keys_are_enough():
    resident = make_member("resident")
    made = [key(resident) for _ in range(10)]
    with pytest.raises(RuleViolation, match="10"):
        key(resident)
    revoke_token(actor=resident.actor, token_id=made[0].token.pk)
    assert key(resident)


def test_nobody_and_no_key_makes_keys():
    made = key(make_member("resident"))
    bearer = bearer_of(made.secret)
    assert bearer
    for actor in (ANONYMOUS, bearer.actor):
        with pytest.raises(NotAllowed):
            make_token(actor=actor, name="程序", scopes=[READ], expires_on=TODAY)


def test_a_residents_key_never_opens_what_staff_may_do():
    resident = make_member("resident")
    made = key(resident)
    officer = make_member("street_officer")
    held = Appointment.objects.get(person=officer.person)
    appoint(
        actor=SYSTEM, person_id=resident.person.pk, unit_id=held.unit_id, post="street_officer", valid_from=SINCE,
        document="文",
    )  # fmt: skip
    assert resident.actor.is_staff
    bearer = bearer_of(made.secret)
    assert bearer and not bearer.actor.is_staff


def test_without_a_second_factor_a_staff_key_is_dead():
    officer = with_factor(make_member("street_officer"))
    made = key(officer)
    Authenticator.objects.filter(user=officer.account).delete()
    assert bearer_of(made.secret) is None


def test_stopping_the_account_or_its_password_stops_its_keys():
    security = make_member("security_administrator")
    for role, stop in (("street_officer", deactivate_account), ("grid_worker", reset_password)):
        member = with_factor(make_member(role, PASSWORD))
        made = key(member)
        stop(actor=security.actor, account=member.account, reason="设备遗失")
        Account.objects.filter(pk=member.account.pk).update(is_active=True)
        Authenticator.objects.filter(user=member.account).delete()
        with_factor(member)
        assert bearer_of(made.secret) is None, role
    assert Entry.objects.filter(action="authority.revoke_token").count() == 2


def test_erasing_a_person_takes_the_keys_along():
    resident = make_member("resident")
    key(resident)
    erase_person(actor=SYSTEM, person=resident.person, ground=next(iter(erasure_grounds())))
    assert not Token.objects.exists()


def test_a_partners_key_is_nobody_and_holds_what_partners_may():
    system = make_member("system_administrator")
    unit = partner()
    made = key(system, OPEN311, unit_id=unit.pk)
    bearer = bearer_of(made.secret)
    assert (
        bearer
        and bearer.actor.is_anonymous
        and not bearer.actor.grants
        and bearer.actor.via == made.token.prefix
    )
    with pytest.raises(RuleViolation) as refused:
        key(system, READ, unit_id=unit.pk)
    assert refused.value.field == "scopes"
    assert {scope.code for scope in all_scopes(partners=True)} == {OPEN311}


def test_a_partners_key_ends_with_the_unit():
    unit = partner()
    made = key(make_member("system_administrator"), OPEN311, unit_id=unit.pk, until=TODAY + dt.timedelta(9))
    unit.versions.update(valid_to=TODAY + dt.timedelta(1))
    assert bearer_of(made.secret)
    with clock.fixed(TODAY + dt.timedelta(1)):
        assert bearer_of(made.secret) is None


@pytest.mark.parametrize(
    ("role", "refusal"),
    [("street_officer", NotAllowed), ("security_administrator", NotAllowed), ("resident", NotVisible)],
)
def test_others_give_no_partner_keys(role, refusal):
    with pytest.raises(refusal):
        key(make_member(role), OPEN311, unit_id=partner().pk)


def test_who_may_stop_a_key():
    resident, system, security = (
        make_member(role) for role in ("resident", "system_administrator", "security_administrator")
    )
    own, given = key(resident), key(system, OPEN311, unit_id=partner().pk)
    with pytest.raises(NotVisible):
        revoke_token(actor=make_member("street_officer").actor, token_id=own.token.pk)
    with pytest.raises(NotAllowed):  # it sees it, and did not give it
        revoke_token(actor=system.actor, token_id=own.token.pk)
    revoke_token(actor=security.actor, token_id=own.token.pk)
    revoke_token(actor=system.actor, token_id=given.token.pk)
    assert bearer_of(own.secret) is None and bearer_of(given.secret) is None
    again = revoke_token(actor=security.actor, token_id=own.token.pk)
    assert again.revoked_at and Entry.objects.filter(action="authority.revoke_token").count() == 2


class TestPages:
    @pytest.fixture(autouse=True)
    def demo(self, settings):
        settings.DEMO = True

    def client_of(self, role: str) -> Client:
        member = make_member(role, is_demo=True)
        client = Client()
        client.force_login(member.account, backend="doorstep.kernel.authority.backends.AccountBackend")
        return client

    def test_made_shown_once_listed_and_stopped(self):
        client = self.client_of("resident")
        assert "还没有密钥" in client.get("/account/keys/").content.decode()
        form = {"name": "看看<b>进展", "scopes": [READ], "expires_on": "2026-07-01"}
        answer = client.post("/account/keys/new/", form)
        secret = answer.context["made"].secret
        assert secret in answer.content.decode() and "no-store" in answer["Cache-Control"]
        listed = client.get("/account/keys/").content.decode()
        assert secret not in listed and secret[:9] in listed and "看看&lt;b&gt;进展" in listed
        token = Token.objects.get()
        assert bearer_of(secret)
        assert client.post(f"/account/keys/{token.pk}/stop/").status_code == 302
        assert bearer_of(secret) is None and "已停用" in client.get("/account/keys/").content.decode()

    def test_what_was_typed_stays_when_it_is_refused(self):
        client = self.client_of("resident")
        answer = client.post("/account/keys/new/", {"name": "我的程序", "expires_on": "2026-07-01"})
        page = answer.content.decode()
        assert answer.status_code == 422 and "至少选一项" in page and 'value="我的程序"' in page
        assert (
            client.post("/account/keys/new/", {"name": "程", "scopes": [READ], "expires_on": "x"}).status_code
            == 422
        )

    def test_anothers_key_does_not_exist(self):
        made = key(make_member("merchant"))
        client = self.client_of("resident")
        assert client.post(f"/account/keys/{made.token.pk}/stop/").status_code == 404
        assert client.get(f"/desk/keys/{made.token.pk}/").status_code == 404
        assert client.get("/desk/keys/new/").status_code == 404

    def test_the_system_administrator_gives_a_unit_its_key(self):
        unit = partner()
        client = self.client_of("system_administrator")
        assert "演示应用公司" in client.get("/desk/keys/new/?q=演示应用").content.decode()
        form = {"unit": unit.pk, "name": "市民应用", "scopes": [OPEN311], "expires_on": "2026-12-31"}
        made = client.post(f"/desk/keys/new/?q=演示应用&unit={unit.pk}", form).context["made"]
        assert made.token.unit_id == unit.pk
        listed = client.get("/desk/r/keys/").content.decode()
        assert made.token.prefix in listed and "演示应用公司" in listed and made.secret not in listed
        assert client.post(f"/desk/keys/{made.token.pk}/").status_code == 302
        assert bearer_of(made.secret) is None
        assert client.post("/desk/keys/new/?q=没有", form).status_code == 404

    def test_an_open_browser_is_asked_for_the_password_first(self):
        member = make_member("resident", PASSWORD)
        Account.objects.filter(pk=member.account.pk).update(must_change_password=False, password_set_on=TODAY)
        client = Client()
        client.force_login(member.account, backend="doorstep.kernel.authority.backends.AccountBackend")
        for answer in (client.get("/account/keys/new/"), client.post("/account/keys/new/", {}, follow=True)):
            last = answer.redirect_chain[-1][0] if hasattr(answer, "redirect_chain") else answer["Location"]
            assert last.startswith("/sign-in/confirm/")
        answer = client.post("/sign-in/confirm/?next=/account/keys/new/", {"password": PASSWORD})
        assert (
            answer["Location"] == "/account/keys/new/" and client.get("/account/keys/new/").status_code == 200
        )


def test_a_key_opens_no_page(client, settings):
    made = key(with_factor(make_member("street_officer")))
    answer = client.get("/desk/", headers={"Authorization": f"Bearer {made.secret}"})
    assert answer.status_code == 302
