"""The clock of departments called beside the lead: when each owes its answer and its arrival, what is said as that nears
and when it has passed. The lead's clock is its matter's own."""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.escalation import ABOVE
from doorstep.kernel.matters.hearers import Told, officers_of
from doorstep.kernel.matters.laws import RESPOND
from doorstep.kernel.matters.messages import announce
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.selectors import rulebook_for
from doorstep.kernel.matters.steps import Inputs, Rulebook
from doorstep.kernel.matters.working_days import due_after
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared import clock
from doorstep.modules.requests.models import WhistleCall
from doorstep.modules.requests.states_whistle import LATE

PORTION = 200
LONGEST = 10.0  # seconds of one run; what is left waits a minute
RUNNING = (
    "issued",
    "objected",
    "escalated",
    "accepted",
    "arrived",
    "planned",
)  # the work on the spot is not over


class CallTerms:
    """The terms of one whistle's calls, read once when first asked for."""

    def __init__(self, matter: Matter, rulebook: Rulebook | None = None) -> None:
        self.matter = matter
        if rulebook is not None:
            self.rulebook = rulebook

    @cached_property
    def rulebook(self) -> Rulebook:
        return rulebook_for(self.matter.kind)

    def answer_by(self, called_at: dt.datetime) -> dt.datetime | None:
        """When who is called at a moment owes its answer: the same term as the lead's. None where no term is in force."""
        limit = self.rulebook.limit_for(self.matter, RESPOND, called_at)
        if limit is None:
            return None
        return due_after(called_at, limit.amount, limit.measure, self.rulebook.calendar).at  # type: ignore[arg-type]  # a choice of the field

    def wake(self, call: WhistleCall, at: dt.datetime) -> dt.datetime | None:
        """When something is next to be said of a supporting department's call: as its term nears, then when it passes."""
        if call.lead or call.released_at or call.objected_at or call.arrived_at:
            return None
        due = call.due_at
        remind_at = due - self.rulebook.lead_for(self.matter, call.accepted_at or call.called_at, due)
        return next((moment for moment in (remind_at, due) if moment > at), None)


def sweep() -> None:
    """What a minute asks for. Called by the scheduler; may be called at any time, by any number."""
    started = time.monotonic()
    while chase() and time.monotonic() - started < LONGEST:
        pass


@transaction.atomic
def chase() -> int:
    """Remind supporting departments whose term nears; where it has passed, say so to them and to the street, in the
    history too. Whistles that somebody works on are left to the next minute. Returns how many calls were found."""
    now = clock.now()
    due = WhistleCall.objects.filter(wake_at__lte=now)
    wanted = list(due.order_by("wake_at").values_list("whistle_id", flat=True)[:PORTION])
    free = Matter.objects.filter(pk__in=wanted).order_by("pk").select_for_update(skip_locked=True)
    states = dict(free.values_list("pk", "state"))
    calls = list(due.filter(whistle__in=states).select_related("whistle__matter").order_by("pk"))
    running = [call for call in calls if states[call.whistle_id] in RUNNING]
    late = [call for call in running if call.due_at <= now]
    for call in calls:
        call.wake_at = call.due_at if call in running and call not in late else None
    WhistleCall.objects.bulk_update(calls, ["wake_at"])
    actor = system_actor("deadlines")
    _remind(actor, [call for call in running if call not in late])
    _say_late(actor, late, now)
    return len(calls)


def _remind(actor: Actor, calls: Sequence[WhistleCall]) -> None:
    officers = _officers(call.unit_id for call in calls)
    announce(
        actor,
        [
            Told(
                matter=call.whistle.matter, key="remind", due_at=call.due_at, to_followers=False,
                persons=tuple((person_id, "called") for person_id in officers[call.unit_id]),
            )
            for call in calls
        ],
    )  # fmt: skip


def _say_late(actor: Actor, calls: Sequence[WhistleCall], now: dt.datetime) -> None:
    by_whistle: dict[int, list[WhistleCall]] = defaultdict(list)
    for call in calls:
        by_whistle[call.whistle_id].append(call)
    if not by_whistle:
        return
    names = last_names({call.unit_id for call in calls})
    said = {
        pk: Inputs(
            internal="；".join(_late_words(call, names.get(call.unit_id, "")) for call in rows),
            data={"units": [call.unit_id for call in rows]},
        )
        for pk, rows in by_whistle.items()
    }
    matters.note_cases(actor, matters.locked_cases(actor, by_whistle), LATE, said, now)
    officers = _officers([*(call.unit_id for call in calls), *(call.whistle.street_id for call in calls)])
    announce(actor, [_told_late(rows, officers) for rows in by_whistle.values()])


def _late_words(call: WhistleCall, name: str) -> str:
    if call.accepted_at is None:
        return _("{unit}逾期未应哨").format(unit=name)
    return _("{unit}过时未到场").format(unit=name)


def _told_late(calls: Sequence[WhistleCall], officers: dict[int, list[int]]) -> Told:
    whistle = calls[0].whistle
    departments = [(person_id, "called") for call in calls for person_id in officers[call.unit_id]]
    street = [(person_id, ABOVE) for person_id in officers[whistle.street_id]]
    return Told(
        matter=whistle.matter, key=LATE.name, persons=(*departments, *street), due_at=calls[0].due_at,
        to_followers=False,
    )  # fmt: skip


def _officers(units: Iterable[int]) -> dict[int, list[int]]:
    """Persons in office today, by unit. One query, two where a unit reaches over what it covers."""
    found = officers_of(set(units))
    return defaultdict(
        list, {unit: [person_id for person_id, _places in rows] for unit, rows in found.items()}
    )
