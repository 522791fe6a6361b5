"""The quarterly public statement: counted and published by an officer once a quarter is over, and it stands as published."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.modules.volunteering import rules
from doorstep.modules.volunteering.models import Statement
from doorstep.modules.volunteering.policies import PUBLISH
from doorstep.modules.volunteering.selectors_statements import statement_figures


@transaction.atomic
def publish(*, actor: Actor, place_code: str, quarter: dt.date) -> Statement:
    """Publish a quarter of a place. Raises RuleViolation before it is over, Conflict where it is published already."""
    require_place(actor, PUBLISH, place_code)
    if not Area.objects.filter(code=place_code, ended_on=None).exists() or len(place_code) < 6:
        raise RuleViolation(_("请选区、街道或社区。"), field="place_code")
    if rules.quarter_of(quarter) != quarter:
        raise RuleViolation(_("请选一个季度。"), field="quarter")
    if rules.last_of_quarter(quarter) >= clock.today():
        raise RuleViolation(_("这个季度还没有过完。"), field="quarter")
    row = Statement(
        place_code=place_code, quarter=quarter, figures=statement_figures(place_code, quarter),
        published_at=clock.now(), published_by_id=actor.person_id,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        raise Conflict(_("这个季度已经公示过了。")) from clash
    record(actor, Act("volunteering.published", row, place_code, {"quarter": [None, quarter.isoformat()]}))
    return row
