"""What goes with a person who signed in by phone, and what they may see of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.acts import name_acts
from doorstep.kernel.people.erasure import Step
from doorstep.kernel.people.erasure import declare as declare_step
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.own_data import Section, declare
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.surfaces.doorway.models import PhoneSignIn

name_acts({"doorway.prove_phone": _("用验证码更换登录手机号")})


def _forget(actor: Actor, person: Person) -> None:
    PhoneSignIn.objects.filter(account__person=person).delete()


def _shown(person: Person) -> Iterable[dict[str, Any]]:
    for row in PhoneSignIn.objects.filter(account__person=person):
        yield {
            "since": row.since.astimezone(DISTRICT_ZONE).strftime("%Y-%m-%d %H:%M"),
            "last_at": row.last_at.astimezone(DISTRICT_ZONE).strftime("%Y-%m-%d %H:%M"),
        }


declare_step(Step("doorway", apply=_forget))
declare(Section("phone_sign_in", _("手机号登录"), {"since": _("启用时间"), "last_at": _("上次登录")}, _shown))
