"""Who keeps volunteers, teams and their records at a place."""

from __future__ import annotations

from doorstep.kernel.access.capabilities import declare

_LEADING = ("district_officer", "street_officer")
_KEEPING = (
    "community_secretary", "community_deputy_secretary", "residents_committee_chair", "community_worker",
)  # fmt: skip

VIEW = declare("volunteering.view", posts=(*_LEADING, *_KEEPING, "community_committee_member", "grid_worker"))
KEEP = declare("volunteering.keep", posts=(*_LEADING, *_KEEPING))
