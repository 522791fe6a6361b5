"""What authority does when a person is erased: nobody in office is, and the account goes with the person."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.authority.models import Account, Token
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.people.erasure import Step, declare
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock


def _in_office(person: Person) -> str | None:
    """Today or from a day to come."""
    held = Appointment.objects.filter(person=person).exclude(valid_to__lte=clock.today())
    if held.exists():
        return _("此人现有任职，履职所需的信息须保留。请先办理离任。")
    return None


def _close_account(actor: Actor, person: Person) -> None:
    account = Account.objects.select_for_update().filter(person=person).first()
    if account is None:
        return
    Authenticator.objects.filter(user=account).delete()
    Token.objects.filter(account=account).delete()
    _forget_attempts(account.username)
    account.username, account.email, account.is_active = f"erased-{account.pk}", "", False
    account.set_unusable_password()
    account.save()
    record(actor, Act("authority.deactivate", account, person.place_code, {"is_active": [True, False]}))


def _forget_attempts(username: str) -> None:
    """The lists of sign-ins have the username, which is made of the name, and addresses."""
    for attempts in (AccessAttempt, AccessFailureLog, AccessLog):
        attempts.objects.filter(username=username).delete()


declare(Step("authority", refuse=_in_office, apply=_close_account))
