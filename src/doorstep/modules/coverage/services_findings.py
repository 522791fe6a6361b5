"""What visits, days of assistance and sessions find, opened as matters; their steps are the kernel's."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.services import NewMatter, open_matter
from doorstep.kernel.obligations.models import Minutes
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.place_codes import ancestors_of
from doorstep.modules.coverage.keeping import impersonal
from doorstep.modules.coverage.models import AssistanceEvent, Finding, Visit
from doorstep.modules.coverage.states_findings import KIND

# Who takes findings on: who looks after the place, and departments and offices that a session refers something to.
HOLDERS = (
    "community_party_organisation", "street_working_committee", "street_office", "department", "district_committee", "district_government",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class NewFinding:
    """What was found, in a line, from exactly one of `visit`, `event`, `session`. `holder_id`: who takes it on; default the party
    organisation of the place."""

    title: str
    place_code: str
    text: str = ""
    holder_id: int | None = None
    visit: Visit | None = None
    event: AssistanceEvent | None = None
    session: Minutes | None = None
    key: UUID = field(default_factory=uuid4)


@transaction.atomic
def raise_finding(*, actor: Actor, new: NewFinding) -> Finding:
    """Open it as a matter, exactly once for its key. Raises NotAllowed, RuleViolation for a number of a person among them, NotVisible for
    a unit that takes nothing on."""
    title = impersonal(new.title, "finding", _("要办的事"), 80)
    opened = open_matter(
        actor=actor,
        new=NewMatter(
            kind=KIND, place_code=new.place_code, title=title, text=impersonal(new.text, "found", _("情况"), 1000, required=False, lines=True),
            source="patrol", teller_id=actor.person_id, holder_id=_holder(new), key=new.key,
        ),
    )  # fmt: skip
    if not opened.is_new:
        return Finding.objects.get(matter=opened.matter)
    return Finding.objects.create(matter=opened.matter, visit=new.visit, event=new.event, session=new.session)


def _holder(new: NewFinding) -> int | None:
    rows = UnitVersion.objects.in_force().filter(kind__in=HOLDERS)
    if new.holder_id is not None:
        if not rows.filter(unit_id=new.holder_id, place_code__startswith=new.place_code[:6]).exists():
            raise NotVisible(_("没有找到承办单位，或者它不承办这类事。"), field="holder")
        return new.holder_id
    near = [new.place_code, *reversed(ancestors_of(new.place_code))]
    found = {
        row.place_code: row.unit_id for row in rows.filter(place_code__in=near).order_by("-kind", "-unit_id")
    }
    holder = next((found[code] for code in near if code in found), None)
    if holder is None:
        raise RuleViolation(_("这里还没有可以承办的党组织，请先登记。"), field="holder")
    return holder
