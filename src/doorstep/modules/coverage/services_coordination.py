"""The coordination mechanism of party-led governance: its members, and what its sessions refer. Sessions are minutes of the kernel's."""

from __future__ import annotations

import datetime as dt
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.obligations.models import Minutes
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.coverage.keeping import begun, end, locked_row
from doorstep.modules.coverage.models import ROLES, CoordinationMember, Finding
from doorstep.modules.coverage.policies import KEEP
from doorstep.modules.coverage.proofs import COORDINATION
from doorstep.modules.coverage.services_findings import NewFinding, raise_finding

CONVENES = "street_working_committee"


@transaction.atomic
def add_member(
    *, actor: Actor, mechanism_id: int, unit_id: int, role: str, valid_from: dt.date
) -> CoordinationMember:
    """A unit joins the mechanism of a street. Raises Conflict where it is in it, or another convenes; RuleViolation, NotVisible."""
    version = UnitVersion.objects.in_force().filter(unit_id=mechanism_id, kind=CONVENES).first()
    if version is None:
        raise NotVisible(_("没有找到这个协调机制。"))
    require_place(actor, KEEP, version.place_code)
    if role not in dict(ROLES):
        raise RuleViolation(_("请选角色。"), field="role")
    inside = UnitVersion.objects.in_force(valid_from).filter(
        unit_id=unit_id, place_code__startswith=version.place_code[:6]
    )
    if not inside.exists():
        raise RuleViolation(_("没有找到这个单位，或者它那天不在册。"), field="unit")
    row = CoordinationMember(
        mechanism_id=mechanism_id,
        unit_id=unit_id,
        place_code=version.place_code,
        role=role,
        valid_from=valid_from,
    )
    begun(row, _("这个单位已经是成员，或者已有召集人单位。"), "unit")
    record(
        actor,
        Act(
            "coverage.member_joined", row, row.place_code, {"unit_id": [None, unit_id], "role": [None, role]}
        ),
    )
    return row


@transaction.atomic
def end_member(*, actor: Actor, member_id: int, ended_on: dt.date) -> CoordinationMember:
    """A unit leaves the mechanism from a day on."""
    row: CoordinationMember = locked_row(actor, CoordinationMember, member_id, "keep")
    end(row, ended_on)
    record(
        actor, Act("coverage.member_left", row, row.place_code, {"valid_to": [None, ended_on.isoformat()]})
    )
    return row


@transaction.atomic
def refer(
    *, actor: Actor, minutes_id: int, title: str, text: str, holder_id: int, place_code: str = "", key: UUID | None = None
) -> Finding:  # fmt: skip
    """A session refers a matter to one of the mechanism's members, who answers for it, exactly once for its key. `place_code`: where
    it is, in the street.

    Raises RuleViolation for a unit that was no member on the day, NotVisible for minutes that are not the actor's or cancelled.
    """
    rows = policy_for(Minutes).visible_to(actor).filter(kind=COORDINATION, cancelled_at=None)
    session = rows.filter(pk=minutes_id).first()
    if session is None:
        raise NotVisible(_("没有找到这次会议。"))
    require_place(actor, KEEP, session.place_code)
    members = CoordinationMember.objects.in_force(session.day).filter(mechanism_id=session.unit_id)
    if not members.filter(unit_id=holder_id).exists():
        raise RuleViolation(_("承办单位须是当天的成员单位。"), field="holder")
    place = place_code or session.place_code
    if not place.startswith(session.place_code):
        raise RuleViolation(_("地方须在这个街道里。"), field="place_code")
    new = NewFinding(
        title=title, text=text, place_code=place, holder_id=holder_id, session=session, key=key or uuid4()
    )
    return raise_finding(actor=actor, new=new)
