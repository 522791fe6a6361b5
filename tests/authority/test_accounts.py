"""Accounts are made by the system administrator and stopped by the security administrator."""

import dataclasses

import pytest
from django.core.management import CommandError, call_command

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.audit.selectors import history_of
from doorstep.kernel.authority import services
from doorstep.kernel.authority.models import Account
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services import register_person
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from tests.authority.cast import make_member, make_places
from tests.people.test_services import COMMUNITY, holder

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("test")
ADMIN, SECURITY = (
    holder("system_administrator", "210202"),
    holder("security_administrator", "210202", 900_002),
)
GOOD = "blue-Kite-4417-over"


@pytest.fixture
def person():
    make_places()
    return register_person(actor=SYSTEM, name="演示甲", place_code=COMMUNITY)


def test_an_account_is_made_once_per_person_and_name(person):
    account = services.create_account(actor=ADMIN, person=person, username="jia.yi", password=GOOD)
    assert account.check_password(GOOD) and account.must_change_password
    assert history_of(account).get().action == "authority.create_account"
    other = register_person(actor=SYSTEM, name="演示乙", place_code=COMMUNITY)
    with pytest.raises(RuleViolation, match="已经有人使用"):
        services.create_account(actor=ADMIN, person=other, username="jia.yi")
    with pytest.raises(RuleViolation, match="已经有账号"):
        services.create_account(actor=ADMIN, person=person, username="another")


@pytest.mark.parametrize("username", ["", "ab", "Upper", "名字", "a b c", "-abc", "a" * 61])
def test_odd_usernames(person, username):
    with pytest.raises(RuleViolation) as refusal:
        services.create_account(actor=ADMIN, person=person, username=username)
    assert refusal.value.field == "username"


def test_only_the_right_administrator(person):
    with pytest.raises(NotAllowed):
        services.create_account(actor=SECURITY, person=person, username="jia.yi")
    account = services.create_account(actor=ADMIN, person=person, username="jia.yi")
    with pytest.raises(NotAllowed):
        services.deactivate_account(actor=ADMIN, account=account, reason="离职")
    with pytest.raises(RuleViolation):
        services.deactivate_account(actor=SECURITY, account=account, reason=" ")
    services.deactivate_account(actor=SECURITY, account=account, reason="离职")
    assert not Account.objects.get().is_active
    services.reactivate_account(actor=SECURITY, account=account, reason="复职")
    assert Account.objects.get().is_active


def test_nobody_stops_their_own_account_or_sets_anothers_password(person):
    account = services.create_account(actor=ADMIN, person=person, username="jia.yi")
    with pytest.raises(RuleViolation, match="不能停用自己"):
        services.deactivate_account(
            actor=dataclasses.replace(SECURITY, account_id=account.pk), account=account, reason="离职"
        )
    with pytest.raises(NotAllowed):
        services.password_was_changed(actor=SECURITY, account=account)


def test_an_account_of_nobody_belongs_to_the_whole_installation():
    account = Account.objects.create(username="nobody")
    with pytest.raises(NotVisible):
        services.deactivate_account(actor=SECURITY, account=account, reason="停用")
    services.deactivate_account(
        actor=holder("security_administrator", "", 900_003), account=account, reason="停用"
    )
    assert not Account.objects.get().is_active


def test_an_account_is_made_for_the_person_as_they_are_now(person):
    moved = holder("system_administrator", "210202006")
    stale = Person.objects.get(pk=person.pk)
    stale.place_code = "210202006001"
    with pytest.raises(NotVisible):
        services.create_account(actor=moved, person=stale, username="jia.yi")


def test_a_reset_password_is_said_once_and_must_be_changed(person):
    account = services.create_account(actor=ADMIN, person=person, username="jia.yi")
    password = services.reset_password(actor=SECURITY, account=account, reason="忘记密码")
    account.refresh_from_db()
    assert account.check_password(password) and account.must_change_password
    entry = history_of(account).first()
    assert password not in str(entry.changes) and entry.action == "authority.reset_password"


def test_demo_accounts_have_no_password_at_all(person):
    accounts = [services.NewAccount(person, "demo-jia", is_demo=True)]
    (account,) = services.create_accounts(actor=SYSTEM, accounts=accounts)
    assert account.is_demo and not account.has_usable_password() and not account.must_change_password
    assert not Actor(account_id=account.pk).is_staff


def test_nobody_resets_their_own_password(person):
    account = services.create_account(actor=SYSTEM, person=person, username="jia.yi")
    own = dataclasses.replace(SECURITY, account_id=account.pk)
    with pytest.raises(RuleViolation, match="不能重置自己的密码"):
        services.reset_password(actor=own, account=account, reason="忘记密码")


@pytest.mark.parametrize("post", ["system_administrator", "security_administrator", "audit_administrator"])
def test_an_administrators_password_is_reset_by_the_operator_alone(post, capsys):
    make_places()
    account = make_member(post, password=GOOD).account
    other = dataclasses.replace(SECURITY, account_id=account.pk + 1)
    with pytest.raises(RuleViolation, match="reset_administrator"):
        services.reset_password(actor=other, account=account, reason="忘记密码")
    account.refresh_from_db()
    assert account.check_password(GOOD)
    call_command("reset_administrator", account.username, reason="手机丢失")
    password = capsys.readouterr().out.split()[-1]
    account.refresh_from_db()
    assert account.check_password(password) and account.must_change_password
    assert history_of(account).first().action == "authority.reset_password"
    with pytest.raises(CommandError, match="no such account"):
        call_command("reset_administrator", "nobody", reason="手机丢失")
