"""What the API answers about matters, from the same selectors as desk and phone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import Http404

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters import selectors
from doorstep.kernel.matters.forms import StepForm, form_for
from doorstep.kernel.matters.laws import law_of
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.selectors_timeline import Entry, timeline_of
from doorstep.kernel.matters.services import next_steps
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared.place_codes import is_code
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.surfaces.api import schemas_matters as schemas
from doorstep.surfaces.api.refusals import field_of

LONGEST_SEARCH = 60


def page(actor: Actor, box: str, place: str, text: str, after: str, limit: int) -> schemas.MattersOut:
    """A page of a box. Raises Http404 for a place that none is, RuleViolation for a search of one character."""
    if not is_code(place):
        raise Http404
    rows = (
        selectors.all_visible(actor, place) if box == "all" else selectors.box(actor, box, place)  # type: ignore[arg-type]  # the schema lets only boxes through
    )
    rows = selectors.found_in(rows, text.replace("\x00", "")[:LONGEST_SEARCH])
    loaded = rows.defer("text", "sought", "bigrams")
    cursor = selectors.after_cursor(after)
    if box == "all":
        below = loaded.filter(pk__lt=cursor.pk) if cursor else loaded
        found = list(below.order_by("-pk")[: limit + 1])
    else:
        found = selectors.page_by_deadline(loaded, limit + 1, cursor)
    total, more, found = selectors.count_of(rows), len(found) > limit, found[:limit]
    return schemas.MattersOut(
        matters=list(_lines(found)), total=min(total.number, selectors.COUNTED_TO), more=total.is_more,
        after=selectors.cursor_of(found[-1]) if more else "",
    )  # fmt: skip


def line(matter: Matter) -> schemas.MatterLine:
    return next(iter(_lines([matter])))


def _lines(matters: Sequence[Matter]) -> Iterable[schemas.MatterLine]:
    """Two queries for names, whatever their number; three with grids among the places."""
    places = full_names_of({matter.place_code for matter in matters})
    units = versions_of(matter.holder_id for matter in matters if matter.holder_id)
    for matter in matters:
        holder = units.get(matter.holder_id or 0)
        yield schemas.MatterLine(
            number=matter.number, kind=matter.kind, title=matter.title, state=_state(matter), open=matter.is_open,
            place=schemas.Coded(code=matter.place_code, name=places.get(matter.place_code, "")), item=matter.item,
            category=matter.category, urgency=matter.urgency, holder=holder.name if holder else "",
            opened_at=matter.opened_at, closed_at=matter.closed_at, due_at=matter.due_at,
            provisional=matter.due_is_provisional,
        )  # fmt: skip


def _state(matter: Matter) -> schemas.Coded:
    return schemas.Coded(code=matter.state, name=str(matter.state_name))


def whole(actor: Actor, number: str) -> schemas.MatterOut:
    """One matter. Raises NotVisible where it does not exist for the actor."""
    matter = selectors.visible_matter(actor, number)
    told = timeline_of(actor, matter)
    return schemas.MatterOut(
        **line(matter).dict(), version=matter.version, text=matter.text, address=matter.address,
        longitude=matter.longitude, latitude=matter.latitude, source=matter.source,
        confidentiality=matter.confidentiality, asked=told.asked, next_step=str(told.next_step),
        promises=[
            schemas.PromiseOut(
                name=str(row.name), when=row.when, state=row.state, words=str(row.words), provisional=row.provisional
            )
            for row in told.promises
        ],
        history=[_entry(entry) for entry in told.entries],
    )  # fmt: skip


def _entry(entry: Entry) -> schemas.EntryOut:
    return schemas.EntryOut(
        at=entry.at, who=entry.who, unit=entry.unit, words=str(entry.words), note=entry.note, internal=entry.internal,
        files=len(entry.files),
    )  # fmt: skip


def offered(actor: Actor, number: str) -> schemas.StepsOut:
    """The steps of its law that are the actor's now, each with what its form asks."""
    matter = selectors.visible_matter(actor, number)
    steps = [
        schemas.StepOut(
            name=row.name,
            words=str(row.words),
            clause=str(row.clause),
            inputs=list(_inputs(_form(matter, row.name))),
        )
        for row in next_steps(actor, matter)
        if not row.links and not {"place_code", "spot_check"} & set(row.requires)
    ]
    return schemas.StepsOut(number=matter.number, version=matter.version, state=_state(matter), steps=steps)


def _inputs(form: StepForm) -> Iterable[schemas.InputOut]:
    for name, field in form.fields.items():
        names = field_of(name) or {}
        choices = [
            schemas.Choice(id=number, name=str(words))
            for number, words in getattr(field, "choices", ())
            if number != ""
        ]
        yield schemas.InputOut(
            name=name, zh=names["zh"], en=names["en"], required=field.required and name != "version",
            choices=choices if hasattr(field, "choices") else None,
        )  # fmt: skip


def form_of(actor: Actor, number: str, name: str, given: dict[str, Any]) -> tuple[Matter, StepForm]:
    """The matter and the step's form as the desk reads it, filled in. Raises NotVisible, or Http404 for no such step."""
    matter = selectors.visible_matter(actor, number)
    filled = {"version": matter.version} | given
    return matter, _form(matter, name, {f"{name}-{key}": value for key, value in filled.items()})


def _form(matter: Matter, name: str, data: dict[str, Any] | None = None) -> StepForm:
    row = law_of(matter.kind).by_name.get(name)
    if row is None:
        raise Http404
    form = form_for(matter, row, data)
    if name == "raise":
        form.fields.pop("unit_id")  # the desk above is found by the service
    if row.asks:
        form.fields.pop("person_id", None)  # who is asked gives it to somebody
    return form
