"""The first people of an installation: three administrators of an empty one, once, and the first district officer.

Administrators see no business, and only a district officer appoints district officers; so the very first one (and the
next one, should the last have left) is appointed by the operator on the server, as the platform itself (ADR 0025).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import username_for
from doorstep.kernel.authority.services import create_account, made_up_password
from doorstep.kernel.organisations.kinds import ADMINISTRATION_POSTS, POSTS
from doorstep.kernel.organisations.models import Appointment, Unit, UnitVersion
from doorstep.kernel.organisations.services import appoint, found_unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import find_persons
from doorstep.kernel.people.services import register_person
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from doorstep.kernel.shared.place_codes import ancestors_of, is_code, level_of, within

LOCK = 7_210_204  # advisory: two runs at once make three administrators, not six
USERNAMES = {
    "system_administrator": "system",
    "security_administrator": "security",
    "audit_administrator": "audit",
}
WHOLE_INSTALLATION = ""
OFFICER = "district_officer"


@dataclass(frozen=True)
class FirstAccount:
    """Said once, to whoever runs the command. `password` is empty where the person had an account before."""

    post: str
    username: str
    password: str


@dataclass(frozen=True, kw_only=True)
class FirstOfficer:
    """The district's first unit and the officer to be appointed in it. `unit_kind` is one that has the post."""

    place_code: str
    unit_name: str
    document: str
    name: str
    phone: str = ""
    unit_kind: str = "district_committee"


@transaction.atomic
def bootstrap_administrators(*, actor: Actor) -> list[FirstAccount]:
    """Found the platform's administration and put three people into its three posts, each with an account of their
    own whose password must be changed and a second factor set up at the first sign-in.

    They are registered under the name of their post; the real names are entered by correction. Raises RuleViolation
    when there is an account or an administrator already.
    """
    _one_run_at_a_time(actor)
    if has_administrators() or Account.objects.exists():
        raise RuleViolation(_("已经有账号或管理员了：首批管理员只能建立一次。"))
    unit = found_unit(
        actor=actor, kind="platform_administration", name=_("平台管理组"), place_code=WHOLE_INSTALLATION,
        founded_on=clock.today(),
    )  # fmt: skip
    return [_administrator(actor, unit, post) for post in ADMINISTRATION_POSTS]


def has_administrators() -> bool:
    return Appointment.objects.filter(post__in=ADMINISTRATION_POSTS).exists()


def _one_run_at_a_time(actor: Actor) -> None:
    if not actor.is_system:
        raise NotAllowed(_("只能由安装者在服务器上执行。"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _administrator(actor: Actor, unit: Unit, post: str) -> FirstAccount:
    person = register_person(actor=actor, name=str(POSTS[post].name), place_code=WHOLE_INSTALLATION)
    appoint(actor=actor, person_id=person.pk, post=post, unit_id=unit.pk, valid_from=clock.today())
    return _with_account(actor, person, post, USERNAMES[post])


def _with_account(actor: Actor, person: Person, post: str, username: str) -> FirstAccount:
    known = Account.objects.filter(person=person).first()
    if known is not None:
        return FirstAccount(post, known.username, "")
    password = made_up_password()
    create_account(actor=actor, person=person, username=username, password=password)
    return FirstAccount(post, username, password)


@transaction.atomic
def appoint_first_officer(*, actor: Actor, first: FirstOfficer) -> FirstAccount:
    """Found the district's first unit (or take it, where it stands), register the officer, appoint them from today on
    and make their account. Everything in one transaction, each step with its audit row.

    Raises RuleViolation while a district officer is in office there or appointed to be: officers appoint each other.
    """
    _one_run_at_a_time(actor)
    _check_district(first.place_code)
    if district_has_officer(first.place_code):
        raise RuleViolation(_("这个区已经有区级工作人员：由在任的区级工作人员在“单位与组织”中任命其他人。"))
    if first.unit_kind not in POSTS[OFFICER].kinds:
        raise RuleViolation(_("这类单位没有区级工作人员这个职务。"), field="unit_kind")
    unit_id = _district_unit(actor, first)
    person = _officer(actor, first)
    appoint(
        actor=actor, person_id=person.pk, post=OFFICER, unit_id=unit_id, valid_from=clock.today(),
        document=first.document,
    )  # fmt: skip
    return _with_account(actor, person, OFFICER, username_for(person))


def _check_district(code: str) -> None:
    if not is_code(code) or level_of(code) != "county":
        raise RuleViolation(_("请写区（县、市）的6位代码，如 210202。"), field="place_code")
    if not Area.objects.filter(code=code, ended_on=None).exists():
        raise RuleViolation(
            _("还没有代码为 {code} 的地方：先用 doorstep places import 导入区划代码。").format(code=code),
            field="place_code",
        )


def district_has_officer(code: str) -> bool:
    """Is anybody a district officer there, of the district or of a place it lies in, today or appointed to be?"""
    here = within("place_code", [code]) | Q(place_code__in=["", *ancestors_of(code)])
    staying = Q(valid_to=None) | Q(valid_to__gt=clock.today())
    return Appointment.objects.filter(here, staying, post=OFFICER).exists()


def _district_unit(actor: Actor, first: FirstOfficer) -> int:
    standing = UnitVersion.objects.in_force(clock.today()).filter(
        kind=first.unit_kind, place_code=first.place_code, name=first.unit_name.strip(), unit__ended_on=None
    )
    if known := standing.first():
        return known.unit_id
    return found_unit(
        actor=actor, kind=first.unit_kind, name=first.unit_name, place_code=first.place_code,
        founded_on=clock.today(), document=first.document,
    ).pk  # fmt: skip


def _officer(actor: Actor, first: FirstOfficer) -> Person:
    """Whoever has that name and telephone number already, else somebody new."""
    if first.phone:
        known = find_persons(actor, first.phone).filter(name=first.name.strip(), erased_at=None).first()
        if known is not None:
            return known
    return register_person(actor=actor, name=first.name, place_code=first.place_code, phone=first.phone)
