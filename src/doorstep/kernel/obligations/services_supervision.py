"""What was not kept in time becomes a matter of supervision, and stops being one when a record or a document answers it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services import NewMatter, apply_transitions, open_matter
from doorstep.kernel.obligations.models import Occurrence
from doorstep.kernel.obligations.numbers import raise_days
from doorstep.kernel.obligations.states import KIND, OPEN
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import last_names, versions_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import ancestors_of

PORTION = 200
_KEYS = UUID("5f6f7c2e-5b44-4d51-9a5c-0a6b1d9e7c31")  # the space of keys of matters of supervision
# Units whose people take matters on: the nearest of them above the unit asks after what it owes.
_ASKING = frozenset(
    {
        "community_party_organisation", "street_working_committee", "street_office", "district_committee",
        "district_government",
    }
)  # fmt: skip
_STEPS_UP = 4


@transaction.atomic
def raise_overdue() -> int:
    """Open a matter for what closed unkept in the last days (a number of the rules), at most a portion; gives how many.

    Called by the scheduler, safe to call at any time and by several at once: each passes over what another has in hand. What comes
    to be owed again later than that is asked after by `settle`.
    """
    since = clock.today() - dt.timedelta(days=raise_days())
    rows = _unanswered().select_for_update(of=("self",), skip_locked=True).filter(closes_on__gte=since)
    return _raise(rows.order_by("closes_on", "pk")[:PORTION])


def _unanswered() -> QuerySet[Occurrence]:
    """What closed unkept by a unit that is still there, and nobody asks after yet."""
    today = clock.today()
    rows = Occurrence.objects.filter(closes_on__lt=today, proof=None, exemption=None, matter=None)
    return rows.exclude(unit__ended_on__lte=today).select_related("rule")


def _raise(rows: Iterable[Occurrence]) -> int:
    """Open a matter for each of these, locked as they are read; gives how many."""
    rows = list(rows)
    if not rows:
        return 0
    names, asking = last_names({row.unit_id for row in rows}), _asking_units({row.unit_id for row in rows})
    actor = system_actor("obligations")
    for row in rows:
        new = _matter_of(row, names.get(row.unit_id, ""), asking.get(row.unit_id, row.unit_id))
        row.matter = open_matter(actor=actor, new=new).matter
        row.save(update_fields=["matter"])
    return len(rows)


def _matter_of(row: Occurrence, unit: str, asking_id: int) -> NewMatter:
    words = {"unit": unit, "rule": row.rule.name, "due": row.due_on, "closes": row.closes_on}
    return NewMatter(
        kind=KIND, place_code=row.place_code, title=(_("%(unit)s：%(rule)s逾期") % words)[:80], source="platform",
        text=_("应于 %(due)s 前办理，到 %(closes)s 还没有凭据。登记真实记录后自动视为补办。") % words,
        holder_id=asking_id, key=uuid5(_KEYS, str(row.pk)), data={"occurrence": row.pk, "code": row.code},
    )  # fmt: skip


def _asking_units(unit_ids: Collection[int]) -> dict[int, int]:
    """By unit, the nearest above it that takes matters on; under none, the nearest that looks after its place. A query for each
    step up."""
    at = {unit: unit for unit in unit_ids}
    found: dict[int, int] = {}
    for _step in range(_STEPS_UP):
        superiors = _superiors(set(at.values()))
        at = {unit: superiors[below] for unit, below in at.items() if below in superiors}
        kinds = {row.unit_id: row.kind for row in versions_of(set(at.values())).values()}
        found |= {unit: above for unit, above in at.items() if kinds.get(above) in _ASKING}
        at = {unit: above for unit, above in at.items() if unit not in found}
        if not at:
            break
    return found | _looking_after(set(unit_ids) - found.keys())


def _looking_after(unit_ids: Iterable[int]) -> dict[int, int]:
    """By unit that stands under nobody, as companies do: the party organisation of its community, else of its street or district.
    Two queries at most."""
    places = {unit: row.place_code for unit, row in versions_of(unit_ids).items()}
    if not places:
        return {}
    above = {code for place in places.values() for code in (*ancestors_of(place), place)}
    rows = (
        UnitVersion.objects.in_force()
        .filter(kind__in=_ASKING, place_code__in=above)
        .order_by("kind", "unit_id")
    )
    by_place: dict[str, int] = {}
    for row in rows:
        by_place.setdefault(row.place_code, row.unit_id)
    nearest = {
        unit: next(
            (by_place[code] for code in (place, *reversed(ancestors_of(place))) if code in by_place), None
        )
        for unit, place in places.items()
    }
    return {unit: asking for unit, asking in nearest.items() if asking is not None and asking != unit}


def _superiors(unit_ids: Iterable[int]) -> dict[int, int]:
    rows: Iterable[UnitVersion] = versions_of(unit_ids).values()
    return {row.unit_id: row.superior_id for row in rows if row.superior_id is not None}


def settle(occurrence_ids: Sequence[int]) -> None:
    """Let matters of supervision follow what became of their occurrences: made up, exempt, open again, or no longer asked of a
    unit that has ended. What is owed again and was kept or excused until its day was over gets its matter now, however long ago
    that was."""
    rows = Occurrence.objects.filter(pk__in=occurrence_ids, matter__isnull=False).select_related(
        "matter", "unit"
    )
    wanted: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        matter = row.matter
        assert matter is not None
        if step := _step_for(row, matter):
            wanted[step].append(matter.pk)
    for step, matters in sorted(wanted.items()):
        apply_transitions(actor=system_actor("obligations"), matter_ids=matters, name=step)
    _raise(_unanswered().select_for_update(of=("self",)).filter(pk__in=occurrence_ids).order_by("pk"))


def unsettled() -> list[int]:
    """Occurrences whose matter does not stand where the records are: what a derivation linked or freed, and of units that ended."""
    gone = Q(proof=None, exemption=None, matter__state__in=OPEN, unit__ended_on__lte=clock.today())
    freed = Q(proof=None, exemption=None, matter__state__in=("made_up", "exempted"))
    there = Q(unit__ended_on=None) | Q(unit__ended_on__gt=clock.today())
    proved = Q(proof__isnull=False) & ~Q(matter__state="made_up")
    excused = Q(proof=None, exemption__isnull=False) & ~Q(matter__state="exempted")
    rows = Occurrence.objects.filter((freed & there) | proved | excused | gone, matter__isnull=False)
    return list(rows.values_list("pk", flat=True))


def _step_for(row: Occurrence, matter: Matter) -> str:
    """The platform's step, if the matter does not stand where the records are."""
    if row.proof_id is not None:
        return "" if matter.state == "made_up" else "make_up"
    if row.exemption_id is not None:
        return "" if matter.state == "exempted" else "exempt"
    if row.unit.ended_on is not None and row.unit.ended_on <= clock.today():
        return "lapse" if matter.state in OPEN else ""
    return "raise_again" if matter.state in ("made_up", "exempted") else ""
