"""Accounts: made, stopped, reset. What an account may do is never written here; it flows from appointments."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from allauth.mfa.models import Authenticator
from axes.utils import reset as reset_failures
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.policies import MANAGE
from doorstep.kernel.authority.services_tokens import revoke_all_of
from doorstep.kernel.organisations.kinds import ADMINISTRATION_POSTS
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.people.constraints import kept_single
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation

_SINGLE = {
    "authority_account_username_key": (gettext_lazy("账号刚刚被别人使用。"), "username"),
    "authority_account_person_id_key": (gettext_lazy("此人刚刚由别人建立了账号。"), "person"),
}
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,59}")


@dataclass(frozen=True)
class NewAccount:
    """An account to make. Without a password nobody can sign in with one (the demo cast signs in by a button)."""

    person: Person
    username: str
    password: str | None = None
    email: str = ""
    is_demo: bool = False


def create_account(
    *, actor: Actor, person: Person, username: str, password: str | None = None, email: str = "",
    is_demo: bool = False,
) -> Account:  # fmt: skip
    """Make a person's account; a password given here must be changed at the first sign-in.

    Raises RuleViolation for a taken or odd username, a weak password, or a person who has an account already.
    """
    new = NewAccount(person, username, password, email, is_demo)
    return create_accounts(actor=actor, accounts=[new])[0]


@transaction.atomic
def create_accounts(*, actor: Actor, accounts: Iterable[NewAccount]) -> list[Account]:
    """Make many accounts, or none. Same rules and audit as one."""
    wanted = _with_locked_people(list(accounts))
    for new in wanted:
        require_place(actor, MANAGE, new.person.place_code)
        _check(new)
    _refuse_taken(wanted)
    today = clock.today()
    with kept_single(_SINGLE):
        made = Account.objects.bulk_create(
            Account(
                person=new.person, username=new.username, email=new.email, is_demo=new.is_demo,
                password=make_password(new.password), must_change_password=new.password is not None,
                password_set_on=today if new.password else None,
            )
            for new in wanted
        )  # fmt: skip
    acts = (
        Act("authority.create_account", account, new.person.place_code, {"demo": [None, account.is_demo]})
        for account, new in zip(made, wanted, strict=True)
    )
    record_many(actor, acts)
    return made


@transaction.atomic
def deactivate_account(*, actor: Actor, account: Account, reason: str) -> Account:
    """Nobody signs in with it any more, sessions that are open end with their next page, its keys at once."""
    account = _locked(account)
    policy_for(Account).require(actor, "deactivate", account)
    if account.pk == actor.account_id:
        raise RuleViolation(_("不能停用自己的账号。"))
    if not reason.strip():
        raise RuleViolation(_("请写明停用的理由。"), field="reason")
    return _set_active(actor, account, False, reason)


@transaction.atomic
def reactivate_account(*, actor: Actor, account: Account, reason: str) -> Account:
    """Open a stopped account again. Raises RuleViolation when its person has been erased."""
    account = _locked(account)
    policy_for(Account).require(actor, "reactivate", account)
    if account.person is not None and account.person.erased_at is not None:
        raise RuleViolation(_("此人的信息已经删除，账号不能恢复。"))
    return _set_active(actor, account, True, reason)


def _set_active(actor: Actor, account: Account, active: bool, reason: str) -> Account:
    if account.is_active == active:
        return account
    account.is_active = active
    account.save(update_fields=["is_active"])
    if not active:
        revoke_all_of(actor, account)
    action = "authority.reactivate" if active else "authority.deactivate"
    record(actor, _act(action, account, {"is_active": [not active, active]}, reason))
    return account


@transaction.atomic
def reset_password(*, actor: Actor, account: Account, reason: str) -> str:
    """A new password, said once to the security administrator; it must be changed at the next sign-in.

    The second factor goes too: who lost the phone sets up another. Open sessions end, since the password changed, and
    the account's keys with them.
    Nobody resets their own, and no administrator another administrator's: that is the operator's, on the server.
    """
    account = _locked(account)
    policy_for(Account).require(actor, "reset", account)
    if not actor.is_system:
        _refuse_reset_of_power(actor, account)
    if not reason.strip():
        raise RuleViolation(_("请写明重置的理由。"), field="reason")
    if account.is_demo:
        raise RuleViolation(_("演示账号没有密码。"))
    password = made_up_password()
    Authenticator.objects.filter(user=account).delete()
    account.set_password(password)
    account.must_change_password = True
    account.password_set_on = clock.today()
    account.save(update_fields=["password", "must_change_password", "password_set_on"])
    revoke_all_of(actor, account)
    record(actor, _act("authority.reset_password", account, {}, reason))
    return password


def _refuse_reset_of_power(actor: Actor, account: Account) -> None:
    if account.pk == actor.account_id:
        raise RuleViolation(_("不能重置自己的密码。请在“我的账号”里修改。"))
    if _holds_an_administration_post(account):
        raise RuleViolation(
            _(
                "管理员的密码不能由另一位管理员单独重置。请由运维人员在服务器上运行 doorstep manage reset_administrator。"
            )
        )


def _holds_an_administration_post(account: Account) -> bool:
    """Today or later: who is appointed for tomorrow must not be entered today."""
    if account.person_id is None:
        return False
    held = Appointment.objects.filter(person_id=account.person_id, post__in=ADMINISTRATION_POSTS)
    return held.filter(Q(valid_to=None) | Q(valid_to__gt=clock.today())).exists()


@transaction.atomic
def unlock_account(*, actor: Actor, account: Account, reason: str) -> None:
    """End a lock-out before its time: failures counted so far are forgotten."""
    account = _locked(account)
    policy_for(Account).require(actor, "reset", account)
    if not reason.strip():
        raise RuleViolation(_("请写明解除锁定的理由。"), field="reason")
    reset_failures(username=account.username)
    record(actor, _act("authority.unlock", account, {}, reason))


@transaction.atomic
def password_was_changed(*, actor: Actor, account: Account) -> None:
    """The holder has set a password of their own. Raises NotAllowed for anybody else."""
    if account.pk != actor.account_id:
        raise NotAllowed(_("只能由本人修改密码。"))
    _locked(account)
    account.must_change_password = False
    account.password_set_on = clock.today()
    account.save(update_fields=["must_change_password", "password_set_on"])
    record(actor, Act("authority.change_password", account, _place(account)))


@transaction.atomic
def signed_in(*, actor: Actor, account: Account, way: str) -> None:
    """Somebody came in; `way` is "password" or "demo"."""
    record(actor, Act("authority.sign_in", account, _place(account), {"way": way}))


@transaction.atomic
def signed_out(*, actor: Actor, account: Account) -> None:
    record(actor, Act("authority.sign_out", account, _place(account)))


@transaction.atomic
def sign_in_failed(*, actor: Actor, username: str) -> None:
    """A wrong password at an account that exists; guesses at names that do not are only counted for the lock-out."""
    account = Account.objects.filter(username=username.lower()).select_related("person").first()
    if account is not None:
        record(actor, Act("authority.sign_in_failed", account, _place(account)))


def made_up_password() -> str:
    """Sixteen characters that the password rules accept and that can be read aloud."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    blocks = ["".join(secrets.choice(letters) for _ in range(4)) for _ in range(3)]
    return "-".join([*blocks, secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") + f"{secrets.randbelow(1000):03}"])


def _with_locked_people(wanted: list[NewAccount]) -> list[NewAccount]:
    """The same with the people as they are now: an erasure that is under way is waited for."""
    rows = Person.objects.select_for_update(no_key=True).filter(pk__in={new.person.pk for new in wanted})
    people = {person.pk: person for person in rows.order_by("pk")}
    if any(new.person.pk not in people for new in wanted):
        raise NotVisible(_("没有找到这条记录。"))
    return [replace(new, person=people[new.person.pk]) for new in wanted]


def _check(new: NewAccount) -> None:
    if not USERNAME.fullmatch(new.username):
        raise RuleViolation(_("账号用3至60个小写字母、数字或“. _ -”，以字母或数字开头。"), field="username")
    if new.person.erased_at is not None:
        raise RuleViolation(_("此人的信息已经删除。"), field="person")
    if new.password is not None:
        try:
            validate_password(new.password, Account(username=new.username))
        except ValidationError as error:
            raise RuleViolation(" ".join(error.messages), field="password") from error


def _refuse_taken(wanted: list[NewAccount]) -> None:
    names = [new.username for new in wanted]
    taken = Account.objects.filter(username__in=names).values_list("username", flat=True).first()
    if taken is None and len(set(names)) < len(names):
        taken = next(name for name in names if names.count(name) > 1)
    if taken is not None:
        raise RuleViolation(_("账号“%s”已经有人使用。") % taken, field="username")
    holder = (
        Account.objects.filter(person__in=[new.person.pk for new in wanted]).select_related("person").first()
    )
    if holder is not None and holder.person is not None:
        raise RuleViolation(_("%s已经有账号。") % holder.person.name, field="person")


def _locked(account: Account) -> Account:
    found = (
        Account.objects.select_for_update(of=("self",)).select_related("person").filter(pk=account.pk).first()
    )
    if found is None:
        raise NotVisible(_("没有找到这条记录。"))
    return found


def _act(action: str, account: Account, changes: dict[str, Any], reason: str) -> Act:
    """What was written about the account's person is sealed under that person's key."""
    return Act(
        action,
        account,
        _place(account),
        changes,
        person_ref=account.person_id,
        words={"reason": reason.strip()},
    )


def _place(account: Account) -> str:
    return account.person.place_code if account.person is not None else ""
