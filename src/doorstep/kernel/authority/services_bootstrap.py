"""The first three administrators of an empty installation, once."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.services import create_account, made_up_password
from doorstep.kernel.organisations.kinds import ADMINISTRATION_POSTS, POSTS
from doorstep.kernel.organisations.models import Appointment, Unit
from doorstep.kernel.organisations.services import appoint, found_unit
from doorstep.kernel.people.services import register_person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation

LOCK = 7_210_204  # advisory: two runs at once make three administrators, not six
USERNAMES = {
    "system_administrator": "system",
    "security_administrator": "security",
    "audit_administrator": "audit",
}
WHOLE_INSTALLATION = ""


@dataclass(frozen=True)
class FirstAdministrator:
    """Said once, to whoever runs the command."""

    post: str
    username: str
    password: str


@transaction.atomic
def bootstrap_administrators(*, actor: Actor) -> list[FirstAdministrator]:
    """Found the platform's administration and put three people into its three posts, each with an account of their
    own whose password must be changed and a second factor set up at the first sign-in.

    They are registered under the name of their post; the real names are entered by correction. Raises RuleViolation
    when there is an account or an administrator already.
    """
    if not actor.is_system:
        raise NotAllowed(_("只能由安装者在服务器上执行。"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if Appointment.objects.filter(post__in=ADMINISTRATION_POSTS).exists() or Account.objects.exists():
        raise RuleViolation(_("已经有账号或管理员了：首批管理员只能建立一次。"))
    unit = found_unit(
        actor=actor, kind="platform_administration", name=_("平台管理组"), place_code=WHOLE_INSTALLATION,
        founded_on=clock.today(),
    )  # fmt: skip
    return [_first(actor, unit, post) for post in ADMINISTRATION_POSTS]


def _first(actor: Actor, unit: Unit, post: str) -> FirstAdministrator:
    person = register_person(actor=actor, name=str(POSTS[post].name), place_code=WHOLE_INSTALLATION)
    appoint(actor=actor, person_id=person.pk, post=post, unit_id=unit.pk, valid_from=clock.today())
    password = made_up_password()
    create_account(actor=actor, person=person, username=USERNAMES[post], password=password)
    return FirstAdministrator(post, USERNAMES[post], password)
