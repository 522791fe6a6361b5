"""A file that leaves the platform is recorded like an export of a register: who, what, how much of it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.shared import clock
from doorstep.kernel.web.models import Export


@transaction.atomic
def record_export(
    *, actor: Actor, what: str, place_code: str, on: dt.date, sentence: str, rows: int
) -> Export:
    """Keep that a sheet was handed out. `what`: its name among the registers; `sentence`: how it reads."""
    made = Export.objects.create(
        account_id=actor.account_id, register=what, form="xlsx", place_code=place_code, on=on, sentence=sentence,
        rows=rows, made_at=clock.now(),
    )  # fmt: skip
    changes = {"register": what, "form": "xlsx", "rows": rows}
    record(actor, Act("web.export", made, place_code, changes, words={"sentence": sentence}))
    return made
