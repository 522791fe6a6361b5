"""Rules over values alone: periods of agreements and seats, the day until which topics are taken, how a vote came out."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.obligations.rules import quorum_met

LONGEST_YEARS = 5


def period_fault(start: dt.date, end: dt.date) -> str:
    """ "order" for an empty period, "long" beyond five years (a term of a community's committee), else ""."""
    if end <= start:
        return "order"
    return "long" if end > start + dt.timedelta(days=366 * LONGEST_YEARS) else ""


def topics_until(meeting: dt.date, days: int) -> dt.date:
    """The last day on which a topic is taken: so many days before the meeting."""
    return meeting - dt.timedelta(days=days)


def seats_taken(seats: list[tuple[dt.date, dt.date | None]], start: dt.date, end: dt.date) -> int:
    """The most of these seats (half-open periods) that are held on one day of the period from `start` to before `end`."""
    days = [start, *(begin for begin, _end in seats if start < begin < end)]
    return max(sum(begin <= day and (last is None or day < last) for begin, last in seats) for day in days)


def tally_fault(
    votes_for: int, against: int, abstained: int, present: int, entitled: int, share: float
) -> str:
    """ "number" for what is no number of votes, "more" where more voted than came, "lost" where not more than `share` of those
    entitled were for it, else ""."""
    if any(type(votes) is not int or votes < 0 for votes in (votes_for, against, abstained)):
        return "number"
    if votes_for + against + abstained > present:
        return "more"
    return "" if quorum_met(votes_for, entitled, share) else "lost"
