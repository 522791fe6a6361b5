"""Records of service leave the platform in the columns of the national system: names hidden, or in full for a purpose."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.people.masking import MASKS
from doorstep.kernel.people.purposes import reveal_purposes
from doorstep.kernel.people.services import reveal_names
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import within
from doorstep.kernel.web.models import Export
from doorstep.modules.volunteering import rules
from doorstep.modules.volunteering.models import Credit
from doorstep.modules.volunteering.policies import VIEW
from doorstep.modules.volunteering.selectors import rule_values

MOST_ROWS = 200_000
Row = tuple[str, str, str, dt.date, str, str, str, str]


def headings() -> list[str]:
    """Of the national volunteer system's table of service records."""
    return [
        _("姓名"), _("志愿者编号"), _("项目名称"), _("服务日期"), _("开始时间"), _("结束时间"), _("服务时长（小时）"), _("服务组织"),
    ]  # fmt: skip


@transaction.atomic
def take_records(
    *, actor: Actor, place_code: str, since: dt.date, until: dt.date, purpose: str = ""
) -> list[Row]:
    """Rows of the records that stand in a place and period. Names are hidden; with a `purpose` those whom the actor may look
    at are in full, and each of these looks is in the audit. That the sheet was taken is in the audit too.

    Raises NotVisible or NotAllowed outside the actor's places, RuleViolation for a period or purpose that cannot be.
    """
    require_place(actor, VIEW, place_code)
    if until < since:
        raise RuleViolation(_("结束日期不能早于开始日期。"), field="until")
    if purpose and purpose not in reveal_purposes():
        raise RuleViolation(_("这个用途不在允许的范围内。"), field="purpose")
    rows = policy_for(Credit).visible_to(actor).filter(
        within("place_code", [place_code]), day__range=(since, until), taken_back_at=None, minutes__gt=0
    )  # fmt: skip
    found = list(
        rows.select_related("session__activity", "volunteer__person").order_by("day", "pk")[: MOST_ROWS + 1]
    )
    if len(found) > MOST_ROWS:
        raise RuleViolation(_("一次最多导出 %d 条，请缩短日期。") % MOST_ROWS, field="until")
    people = {row.volunteer.person_id for row in found}
    named = reveal_names(actor=actor, person_ids=people, purpose=purpose) if purpose else {}
    _note(actor, place_code, since, until, len(found))
    units = last_names({row.session.activity.organiser_id for row in found})
    step = rule_values()["record.step"]
    return [
        (
            named.get(row.volunteer.person_id) or MASKS["name"](row.volunteer.person.name), row.volunteer.number,
            row.session.activity.title, row.day, _hour(row.session.starts_at), _hour(row.session.ends_at),
            rules.hours_text(row.minutes, step), units.get(row.session.activity.organiser_id, ""),
        )
        for row in found
    ]  # fmt: skip


def _note(actor: Actor, place_code: str, since: dt.date, until: dt.date, rows: int) -> None:
    sentence = f"{since.isoformat()}—{until.isoformat()}"
    made = Export.objects.create(
        account_id=actor.account_id, register="volunteering.credits", form="xlsx", place_code=place_code, on=until,
        sentence=sentence, rows=rows, made_at=clock.now(),
    )  # fmt: skip
    changes = {"register": "volunteering.credits", "form": "xlsx", "rows": rows}
    record(actor, Act("web.export", made, place_code, changes, words={"sentence": sentence}))


def _hour(instant: dt.datetime) -> str:
    return instant.astimezone(clock.DISTRICT_ZONE).strftime("%H:%M")
