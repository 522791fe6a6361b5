"""Who hears of a step: notices, and messages to carry them outside, written with the step. Sending them: sending."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.hearers import Told, hearers
from doorstep.kernel.matters.laws import Part, Transition
from doorstep.kernel.matters.models_messages import Delivery, MessageChoice, Notice
from doorstep.kernel.matters.steps import Case
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import insert_rows

OPENING: tuple[Part, ...] = ("reporter", "holder", "asked", "handler")


def tell(actor: Actor, steps: Sequence[tuple[Case, Transition | None]]) -> None:
    """Notices to the parts each step names, and to followers; an opening (None) is told to all parts there are."""
    announce(
        actor,
        [
            Told(
                matter=case.matter,
                key=row.name if row else "open",
                parts=row.tells if row else OPENING,
                due_at=case.matter.due_at,
                is_new=row is None,
            )
            for case, row in steps
        ],
    )


def announce(actor: Actor, told: Sequence[Told]) -> list[Notice]:
    """Write notices of these things, in the transaction that made them; never to whoever did them.

    A reminder, a breach or an extension comes here with its own key (`notices.name_notices`).
    """
    now = clock.now()
    notices = [
        Notice(
            person_id=person_id, matter=one.matter, key=one.key, part=part, state=one.matter.state, at=now,
            due_at=one.due_at if one.matter.is_open else None,
        )
        for one, person_id, part in hearers(told, but=actor.person_id)
    ]  # fmt: skip
    if not notices:
        return []
    insert_rows(notices)
    persons = {notice.person_id for notice in notices}
    choices = MessageChoice.objects.filter(person_id__in=persons, wanted=True)
    wanted = list(choices.values_list("person_id", "pk"))
    Delivery.objects.bulk_create(
        Delivery(
            notice=notice, choice_id=choice, not_before=now, emergency=notice.matter.urgency == "emergency"
        )
        for notice in notices
        for person_id, choice in wanted
        if person_id == notice.person_id
    )
    return notices
