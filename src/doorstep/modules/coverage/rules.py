"""Rules over values alone: what covers an organisation, which count can be, where several could form a joint branch."""

from __future__ import annotations

import datetime as dt

OWN, JOINT, INSTRUCTOR, GAP = "own", "joint", "instructor", "gap"
STATES = (OWN, JOINT, INSTRUCTOR, GAP)


def count_fault(staff: int, full: int, probationary: int, most: int) -> str:
    """ "staff" or "full": below zero or above `most`; "members": more members than people; "" for a count that can be."""
    if not 0 <= staff <= most:
        return "staff"
    if full < 0 or probationary < 0:
        return "full"
    return "members" if full + probationary > staff else ""


def own_fault(full: int, least: int) -> str:
    """ "few" where an organisation of its own needs more full members."""
    return "few" if full < least else ""


def joint_fault(members: list[int], least: int, most_units: int) -> str:
    """What is wrong with a joint branch of units with so many full members each: "one" (a joint branch has two or more),
    "many" (more units than it may have), "none" (a unit without a member joins nothing), "few" members in all; "" if nothing."""
    if len(members) < 2:
        return "one"
    if len(members) > most_units:
        return "many"
    if min(members) < 1:
        return "none"
    return "few" if sum(members) < least else ""


def most_at_once(periods: list[tuple[dt.date, dt.date | None]], since: dt.date) -> int:
    """The most of these half-open periods that hold on one day from `since` on."""
    days = [since, *(begins for begins, _ends in periods if begins > since)]
    return max(
        sum(begins <= day and (ends is None or day < ends) for begins, ends in periods) for day in days
    )


def usual_plan(full: int, least: int) -> str:
    """The plan that usually closes a gap: proposed, never decided."""
    if full >= least:
        return "own"
    return "joint" if full else "instructor"


def plans_for(full: int, least: int) -> list[str]:
    """The plans that could close the gap of an organisation with so many full members: one with members is not covered by
    being in touch alone, one with too few founds nothing of its own."""
    fitting = {"own": full >= least, "joint": full > 0, "instructor": full == 0, "members": full < least}
    return [plan for plan, fits in fitting.items() if fits]


def visit_fault(day: dt.date, today: dt.date, late_days: int) -> str:
    """ "future", "late" (longer ago than may be entered), or ""."""
    if day > today:
        return "future"
    return "late" if (today - day).days > late_days else ""


def place_of_several(places: list[str]) -> str:
    """Where a party organisation of several organisations stands: their community, or the street they share; "" for none."""
    for length in (12, 9):
        if len({place[:length] for place in places}) == 1:
            return places[0][:length]
    return ""
