"""Coming in by a phone that has proved itself: whose account it is, and making one with the least that is needed.

A number proves only itself. An account opens to it where its holder has shown the number before and it is still
theirs; after DORMANT_DAYS, when operators give a number to somebody else, the name is asked again. Somebody the
community has on record without an account takes it over by giving the same name. Staff sign in with password and
second factor: for them a code opens nothing.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.authority.services import create_account, signed_in
from doorstep.kernel.people import services as people
from doorstep.kernel.people import values
from doorstep.kernel.people.ciphers import CannotOpen, blind_index
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.purposes import Purpose, declare_consent
from doorstep.kernel.people.selectors import has_consent
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from doorstep.surfaces.doorway.models import PhoneSignIn

PURPOSE = "resident_account"
declare_consent(
    Purpose(
        PURPOSE,
        gettext_lazy("用手机号登录，办理和回访我上报的事"),
        gettext_lazy("取得个人同意（个人信息保护法第十三条第一项）"),
    )
)
DORMANT_DAYS = 90  # operators give a returned number to somebody else after about that long
SEALED_AS = "phone_sign_in"
SIGNING_UP = system_actor("doorway.sign_up")


def accounts_of(number: str) -> list[Account]:
    """Accounts that this number, just proved, opens by itself; the latest used first.

    Raises NotAllowed where one of them has been stopped: it is not got round by making another.
    """
    return [row.account for row in _proved(number) if not _is_dormant(row) and _agrees(row)]


def _proved(number: str) -> list[PhoneSignIn]:
    rows = PhoneSignIn.objects.filter(
        account__person__phone_index=blind_index("phone", number),
        account__person__erased_at__isnull=True,
    )
    rows = rows.select_related("account__person__key").order_by("-last_at", "pk")
    proved = [row for row in rows if _number_of(row) == number]
    if any(not row.account.is_active for row in proved):
        raise NotAllowed(_("这个号码的账号已停用，请联系社区。"))
    return proved


def _number_of(row: PhoneSignIn) -> str:
    person = row.account.person
    assert person is not None
    try:
        return values.key_of(person).open(SEALED_AS, row.phone_sealed)
    except CannotOpen:
        return ""


def _is_dormant(row: PhoneSignIn) -> bool:
    return row.last_at < clock.now() - dt.timedelta(days=DORMANT_DAYS)


def _agrees(row: PhoneSignIn) -> bool:
    return row.account.person_id is not None and has_consent(row.account.person_id, PURPOSE)


@transaction.atomic
def enter(account: Account, number: str) -> Account:
    """The account whose proved number this is comes in. Raises NotAllowed for staff."""
    _refuse_staff(account)
    row = PhoneSignIn.objects.select_for_update().get(account=account)
    row.last_at = clock.now()
    row.save(update_fields=["last_at"])
    signed_in(actor=actor_for(account), account=account, way="code")
    return account


def _refuse_staff(account: Account) -> None:
    if actor_for(account).is_staff:
        raise NotAllowed(_("您的账号有工作岗位，请用账号和密码登录。"))


@transaction.atomic
def sign_up(number: str, *, name: str, agrees: bool, place_code: str) -> Account:
    """An account for this number, just proved, and a name: an own one, one the community has on record, or a new one.

    Raises RuleViolation for a missing name or consent, NotAllowed for staff and stopped accounts.
    """
    name = values.checked_name(name)
    if not agrees:
        raise RuleViolation(
            _("要登录，须同意用手机号办理和回访您上报的事。不同意也可以匿名上报。"), field="agrees"
        )
    own = [row.account for row in _proved(number) if row.account.person and row.account.person.name == name]
    if own:
        account = own[0]
    else:
        account = _with_account(_on_record(number, name) or _new_person(number, name, place_code))
    assert account.person is not None
    if not has_consent(account.person.pk, PURPOSE):
        people.give_consent(
            actor=SIGNING_UP, person=account.person, purpose=PURPOSE, given_by=str(_("本人在手机页面同意"))
        )
    _prove(account, number)
    return enter(account, number)


def _on_record(number: str, name: str) -> Person | None:
    """Somebody without an account whom the community knows by this number and name; None if that is not one person."""
    rows = Person.objects.filter(
        phone_index=blind_index("phone", number), name=name, erased_at__isnull=True, account__isnull=True
    )
    found = list(rows.select_for_update(of=("self",))[:2])
    return found[0] if len(found) == 1 else None


def _new_person(number: str, name: str, place_code: str) -> Person:
    return people.register_person(actor=SIGNING_UP, name=name, place_code=place_code, phone=number)


def _with_account(person: Person) -> Account:
    return create_account(actor=SIGNING_UP, person=person, username=f"resident{person.pk}")


def _prove(account: Account, number: str) -> None:
    person = account.person
    assert person is not None
    sealed, now = values.key_of(person).seal(SEALED_AS, number), clock.now()
    PhoneSignIn.objects.update_or_create(
        account=account, defaults={"phone_sealed": sealed, "last_at": now}, create_defaults={
            "phone_sealed": sealed, "last_at": now, "since": now,
        },
    )  # fmt: skip


@transaction.atomic
def change_number(account: Account, number: str) -> None:
    """The signed-in holder has proved another number: it is theirs from now on, and opens the account."""
    person = account.person
    if person is None:
        raise NotAllowed(_("这个账号没有对应的人员信息。"))
    people.correct_person(
        actor=actor_for(account), person=person, phone=number, reason=str(_("本人用验证码更换"))
    )
    person.refresh_from_db()
    _prove(account, number)
    record(actor_for(account), Act("doorway.prove_phone", account, person.place_code))
