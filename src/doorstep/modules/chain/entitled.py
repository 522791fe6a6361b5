"""How many members of a branch or a group have a vote: its full members, as last counted."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.obligations.entitled import declare
from doorstep.modules.chain.selectors import counts_of


def _full_members(unit_id: int, day: dt.date) -> int | None:
    count = counts_of([unit_id], day).get(unit_id)
    return count.full if count else None


declare(("assembly", "group", "lecture", "appraisal"), _full_members)
