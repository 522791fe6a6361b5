"""Who may mend which break in the chain."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations.policies import ADJUST_COMMUNITY, APPOINT, APPOINT_COMMUNITY
from doorstep.modules.chain.policies import ADJUST, COUNT, KEEP

# What it takes to mend each: the capability its page asks for.
MENDED_WITH: dict[str, str] = {
    **dict.fromkeys(
        (
            "grid_uncovered", "branch_without_grid", "branch_detached", "community_without_organisation",
            "branch_below_three", "branch_above_fifty", "form_unfit", "committee_unfit", "term_expired", "term_due",
            "term_missing",
        ),
        ADJUST,
    ),
    **dict.fromkeys(("organisation_without_secretary", "branch_without_secretary"), APPOINT),
    "group_without_leader": APPOINT_COMMUNITY,
    **dict.fromkeys(("branch_uncounted", "group_too_few"), COUNT),
    **dict.fromkeys(
        (
            "group_scattered", "group_outside_branch", "group_detached", "group_without_building",
            "household_without_group",
        ),
        ADJUST_COMMUNITY,
    ),
    "community_without_household": KEEP,
}  # fmt: skip


def may_mend(actor: Actor, key: str, place_code: str) -> bool:
    """May the actor open the page that mends this kind of break at this place?"""
    capability = MENDED_WITH.get(key.removeprefix("chain."))
    return capability is None or actor.holds(capability, place_code)
