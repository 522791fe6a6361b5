"""Laying outlines over places, with their history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.places import geometry, rules
from doorstep.kernel.places.inputs import NewOutline
from doorstep.kernel.places.location import home_outline, renew_token
from doorstep.kernel.places.models import Area, Grid, Outline, OutlineVersion
from doorstep.kernel.places.policies import DRAW_OUTLINES
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS

BATCH = 500


@transaction.atomic
def add_outlines(*, actor: Actor, outlines: Sequence[NewOutline], valid_from: dt.date) -> list[Outline]:
    """Give places their outlines from `valid_from` on; the outline each had ends that day.

    Self-crossing outlines are repaired and marked. Raises RuleViolation, naming the place, for what is no outline,
    lies far from the district, or begins before the present one.
    """
    rules.check_day(valid_from, clock.today(), field="valid_from")
    for new in outlines:
        require_place(actor, DRAW_OUTLINES, new.place_code)
    _check_places([new.place_code for new in outlines])
    return lay_outlines(actor, outlines, valid_from)


def add_outline(*, actor: Actor, outline: NewOutline, valid_from: dt.date) -> Outline:
    """Give one place its outline; see `add_outlines`."""
    return add_outlines(actor=actor, outlines=[outline], valid_from=valid_from)[0]


@dataclass(frozen=True)
class Examined:
    """What would become of one outline: checked (and repaired), or a problem in words. `replaces`: since when the place
    has had the present one."""

    place_code: str
    name: str
    checked: geometry.CheckedOutline | None = None
    problem: str = ""
    replaces: dt.date | None = None

    @property
    def told(self) -> list[str]:
        """What somebody should know who lays it: what was repaired, what to look at."""
        return [] if self.checked is None else [*filter(None, (self.checked.note, *self.checked.warnings))]


def examine_outlines(*, actor: Actor, outlines: Sequence[NewOutline], valid_from: dt.date) -> list[Examined]:
    """What `add_outlines` would make of each, all problems at once; nothing is written."""
    rules.check_day(valid_from, clock.today(), field="valid_from")
    codes = [new.place_code for new in outlines]
    names, home = _names_of(codes), home_outline(valid_from)
    open_ones = Outline.objects.filter(place_code__in=codes, valid_to__isnull=True)
    present = dict(open_ones.values_list("place_code", "valid_from"))
    seen: set[str] = set()
    found = []
    for new in outlines:
        code, checked, problem = new.place_code, None, ""
        try:
            require_place(actor, DRAW_OUTLINES, code)
            if code in seen:
                raise RuleViolation(_("同一个地方在一批里有两个边界。"))
            if code not in names:
                raise _unknown(code)
            checked = _checked(new, home)
            _refuse_earlier(code, present.get(code), valid_from)
        except Refused as refusal:
            checked, problem = None, str(refusal.message)
        seen.add(code)
        found.append(Examined(code, names.get(code, ""), checked, problem, present.get(code)))
    return found


def lay_outlines(actor: Actor, outlines: Sequence[NewOutline], valid_from: dt.date) -> list[Outline]:
    """Check and write outlines of places the caller has checked and may change."""
    if not outlines:
        return []
    # writers of outlines, who are few, wait for each other here
    OutlineVersion.objects.select_for_update().get()
    home = home_outline(valid_from)
    present = {
        row.place_code: row
        for row in Outline.objects.select_for_update(no_key=True)
        .filter(place_code__in=[new.place_code for new in outlines], valid_to__isnull=True)
        .defer("geometry")
    }
    rows, ended, acts = [], [], []
    for new in outlines:
        row, note = _outline(new, valid_from, home)
        before = present.get(new.place_code)
        if before is not None:
            _refuse_earlier(new.place_code, before.valid_from, valid_from)
            if before.valid_from == valid_from:
                row.pk = before.pk  # corrected on its first day: there is no day on which the old one held
            else:
                ended.append(before.pk)
        rows.append(row)
        changes = {"source": [None, row.source], "valid_from": [None, valid_from.isoformat()]}
        if note:
            changes["note"] = [None, note]
        acts.append((row, changes))
    Outline.objects.filter(pk__in=ended).update(valid_to=valid_from)
    _save(rows)
    record_many(actor, [Act("places.outline_laid", row, row.place_code, changes) for row, changes in acts])
    renew_token()
    return rows


def _refuse_earlier(code: str, present: dt.date | None, valid_from: dt.date) -> None:
    if present is not None and present > valid_from:
        raise RuleViolation(
            _("%(code)s 现在的边界自 %(day)s 起，新的不能更早。") % {"code": code, "day": present},
            field="valid_from",
        )


def _save(rows: list[Outline]) -> None:
    corrected = [row for row in rows if row.pk is not None]
    fields = ["geometry", "west", "south", "east", "north", "illustrative", "source", "repaired"]
    Outline.objects.bulk_update(corrected, fields, batch_size=BATCH)
    Outline.objects.bulk_create([row for row in rows if row.pk is None], batch_size=BATCH)


def _checked(new: NewOutline, home: geometry.BaseGeometry | None) -> geometry.CheckedOutline:
    """The outline, held against the district's where it is a place inside it."""
    inside = new.place_code.startswith(settings.HOME_PLACE) and new.place_code != settings.HOME_PLACE
    return geometry.check_outline(new.geometry, home=home if inside else None)


def _outline(new: NewOutline, valid_from: dt.date, home: geometry.BaseGeometry | None) -> tuple[Outline, str]:
    try:
        checked = _checked(new, home)
    except RuleViolation as error:
        raise RuleViolation(
            f"{new.place_code}: {error.message}", field=error.field, clause=error.clause
        ) from error
    if not new.source.strip():
        raise RuleViolation(_("请写明边界的来源。"), field="source")
    west, south, east, north = checked.bounds
    row = Outline(
        place_code=new.place_code, geometry=checked.geometry, west=west, south=south, east=east, north=north,
        illustrative=new.illustrative, source=new.source.strip()[:200], repaired=checked.repaired,
        valid_from=valid_from,
    )  # fmt: skip
    return row, " ".join(filter(None, (checked.note, *checked.warnings)))


def end_outlines(place_codes: Iterable[str], on: dt.date) -> None:
    """The outlines of ended grids hold no longer from `on`; part of a split or merge, which has the audit row."""
    ended = Outline.objects.filter(place_code__in=list(place_codes), valid_to__isnull=True, valid_from__lt=on)
    if ended.update(valid_to=on):
        renew_token()


def _check_places(codes: Sequence[str]) -> None:
    wanted = set(codes)
    if len(wanted) < len(codes):
        raise RuleViolation(_("同一个地方在一批里有两个边界。"), field="place_code")
    missing = sorted(wanted - set(_names_of(wanted)))
    if missing:
        raise _unknown(missing[0])


def _names_of(codes: Iterable[str]) -> dict[str, str]:
    """Names of the areas and grids among these codes."""
    wanted = set(codes)
    grids = {code for code in wanted if len(code) == LENGTHS["grid"]}
    names = dict(Area.objects.filter(code__in=wanted - grids).values_list("code", "name"))
    return names | dict(Grid.objects.filter(code__in=grids).values_list("code", "name"))


def _unknown(code: str) -> RuleViolation:
    return RuleViolation(_("没有代码为 %(code)s 的地方。") % {"code": code}, field="place_code")
