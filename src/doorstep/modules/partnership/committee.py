"""The joint committee of a community: its own members and the part-time ones, and how many of them have a vote on a day."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.obligations.entitled import declare
from doorstep.kernel.organisations.kept_posts import declare_kept_post
from doorstep.kernel.organisations.models import Appointment

PART_TIME = "part_time_commissioner"
OWN_POSTS = ("community_secretary", "community_deputy_secretary", "community_committee_member")
MEETINGS = ("joint_meeting",)


def voting_members(unit_id: int, day: dt.date) -> int | None:
    """Persons in office in the community's party organisation on the day who have a vote; None where nobody is."""
    rows = Appointment.objects.in_force(day).filter(
        unit_id=unit_id, post__in=(*OWN_POSTS, PART_TIME), substitute_for=None
    )
    return rows.filter(has_vote=True).values("person_id").distinct().count() or None


declare(MEETINGS, voting_members)
declare_kept_post(PART_TIME, "partnership:nomination_new")
