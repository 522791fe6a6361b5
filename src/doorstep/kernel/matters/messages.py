"""Who hears of a step or of something else: notices, and messages to carry them outside, written with what they tell. Sending them: sending."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.hearers import Told, hearers
from doorstep.kernel.matters.laws import Part, Transition
from doorstep.kernel.matters.models_messages import Delivery, Notice
from doorstep.kernel.matters.steps import Case
from doorstep.kernel.matters.subjects import unknown_among
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import insert_rows

OPENING: tuple[Part, ...] = ("reporter", "holder", "asked", "handler")
ONCE = 0x6F6E6365  # advisory lock: two that tell once look for what was told one after the other


@dataclass(frozen=True)
class ToldPerson:
    """One thing one person is told that is no matter: of what (`subjects`), and what happened to it."""

    person_id: int
    about: str
    about_id: int
    key: str
    due_at: dt.datetime | None = None

    @property
    def same(self) -> tuple[int, str, int, str]:
        return self.person_id, self.about, self.about_id, self.key


def tell(actor: Actor, steps: Sequence[tuple[Case, Transition | None]]) -> None:
    """Notices to the parts each step names, and to followers; an opening (None) is told to all parts there are."""
    announce(
        actor,
        [
            Told(
                matter=case.matter,
                key=row.name if row else "open",
                parts=row.tells if row else OPENING,
                persons=_freed(case, row),
                due_at=case.matter.due_at,
                is_new=row is None,
            )
            for case, row in steps
        ],
    )


def _freed(case: Case, row: Transition | None) -> tuple[tuple[int, str], ...]:
    """Who was the handler until this step, where it tells the handler."""
    if row is None or case.freed_id is None or "handler" not in row.tells:
        return ()
    return ((case.freed_id, "handler"),)


def announce(actor: Actor, told: Sequence[Told]) -> list[Notice]:
    """Write notices of these things, in the transaction that made them; never to whoever did them.

    A reminder, a breach or an extension comes here with its own key (`notices.name_notices`).
    """
    now = clock.now()
    notices = [
        Notice(
            person_id=person_id, matter_id=one.matter.pk, key=one.key, part=part, state=one.matter.state, at=now,
            due_at=one.due_at if one.matter.is_open else None,
        )
        for one, person_id, part in hearers(told, but=actor.person_id)
    ]  # fmt: skip
    _write(notices, [one.matter.pk for one in told if one.matter.urgency == "emergency"])
    return notices


def tell_persons(
    actor: Actor, told: Sequence[ToldPerson], *, once: bool = False, to_self: bool = False
) -> list[Notice]:
    """Write notices of what is no matter, in the caller's transaction: at most five statements for any number.

    Never to the actor, unless `to_self`. The same thing twice in `told` is told once. `once`: not to those who were told
    the same before, for as long as notices are kept.

    Raises RuntimeError for a subject that no package declares.
    """
    if unknown := unknown_among([one.about for one in told]):
        raise RuntimeError(f"nobody declares {', '.join(sorted(unknown))}")
    but = None if to_self else actor.person_id
    wanted = {one.same: one for one in told if one.person_id != but}
    if once and wanted:
        for same in _told_before(wanted):
            wanted.pop(same, None)
    now = clock.now()
    notices = [
        Notice(
            person_id=one.person_id, about=one.about, about_id=one.about_id, key=one.key, at=now, due_at=one.due_at
        )
        for one in wanted.values()
    ]  # fmt: skip
    _write(notices)
    return notices


def _told_before(wanted: Mapping[Any, ToldPerson]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONCE])
    rows = Notice.objects.filter(
        matter__isnull=True,
        about__in={one.about for one in wanted.values()},
        about_id__in={one.about_id for one in wanted.values()},
        person_id__in={one.person_id for one in wanted.values()},
        key__in={one.key for one in wanted.values()},
    )
    return list(rows.values_list("person_id", "about", "about_id", "key"))


# for each way a reader of these notices wants to hear besides
DELIVERIES = f"""
INSERT INTO matters_delivery (notice_id, choice_id, state, emergency, not_before, attempts, trouble)
SELECT notice.id, choice.id, '{Delivery.WAITING}', coalesce(notice.matter_id = ANY(%s::bigint[]), false), notice.at, 0, ''
FROM {{written}} AS notice JOIN matters_messagechoice AS choice ON choice.person_id = notice.person_id AND choice.wanted
"""


def _write(notices: list[Notice], emergencies: Sequence[int] = ()) -> None:
    """The notices, and what carries them outside: with an emergency (its matter's number) nobody waits for the morning."""
    insert_rows(notices, DELIVERIES, [list(emergencies)])
