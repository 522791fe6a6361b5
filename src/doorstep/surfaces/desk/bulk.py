"""One step for several matters at once: what all of them offer, what would happen to each, and what did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters.forms import StepForm
from doorstep.kernel.matters.laws import Transition, law_of
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.policies import HANDLE
from doorstep.kernel.matters.selectors_offices import people_to_give, units_at
from doorstep.kernel.matters.services import next_steps_of
from doorstep.kernel.matters.services_each import apply_to_each
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.place_codes import contains
from doorstep.modules.requests.states import DISPATCH
from doorstep.surfaces.desk.matters import changes_since

MOST = 50  # a page of the inbox
STEPS = (
    "dispatch",
    "hand_over",
    "accept",
)  # to whom several go; what is said of one matter alone is said on its page


def may_use(actor: Actor) -> bool:
    return actor.holds_somewhere(DISPATCH) or actor.holds_somewhere(HANDLE)


def read_rows(texts: Iterable[str]) -> dict[int, int]:
    """Numbers of rows with the version that was shown, from "12:3,15:1"; anything else is left out."""
    found: dict[int, int] = {}
    for text in ",".join(texts).split(","):
        pk, _separator, version = text.partition(":")
        number, read = whole_number(pk), whole_number(version, 9)
        if number is not None and read is not None and len(found) < MOST:
            found[number] = read
    return found


@dataclass(frozen=True)
class Row:
    """One matter, how it stands now, and what the step would make of it; `trouble`: why it would be refused."""

    matter: Matter
    url: str
    now: str
    then: str = ""
    trouble: str = ""


@dataclass
class Batch:
    """Matters chosen together by an actor. `versions`: what the page they were chosen on showed."""

    actor: Actor
    versions: dict[int, int]
    missing: int = field(init=False, default=0)

    @cached_property
    def matters(self) -> list[Matter]:
        seen = policy_for(Matter).visible_to(self.actor).select_related("handler")
        found = list(seen.filter(pk__in=self.versions).defer("text", "sought", "bigrams").order_by("pk"))
        self.missing = len(self.versions) - len(found)
        return found

    @cached_property
    def offered(self) -> dict[int, list[Transition]]:
        return next_steps_of(self.actor, self.matters)

    @cached_property
    def names(self) -> dict[int, str]:
        """Of the units that have the matters."""
        return last_names({unit for row in self.matters for unit in (row.holder_id, row.asked_id) if unit})

    @property
    def rows_field(self) -> str:
        return ",".join(f"{row.pk}:{self.versions[row.pk]}" for row in self.matters)

    def steps(self) -> list[Transition]:
        """Steps that every one of the matters offers now."""
        if not self.matters or len({row.kind for row in self.matters}) > 1:
            return []
        law = law_of(self.matters[0].kind)
        names = [{step.name for step in steps} for steps in self.offered.values()]
        return [
            law.by_name[name] for name in STEPS if name in law.by_name and all(name in each for each in names)
        ]

    def partly(self) -> list[tuple[str, list[Matter]]]:
        """Steps that some of them do not offer, each with those."""
        found = []
        whole = {step.name for step in self.steps()}
        for name in STEPS:
            without = [
                row for row in self.matters if name not in {step.name for step in self.offered[row.pk]}
            ]
            if name not in whole and without and len(without) < len(self.matters):
                found.append((str(law_of(self.matters[0].kind).by_name[name].words), without))
        return found

    def step(self, name: str) -> Transition | None:
        if name not in STEPS or not self.matters:
            return None
        return law_of(self.matters[0].kind).by_name.get(name)

    def form(self, step: Transition, data: Any = None) -> StepForm:
        """What the step asks, for all of them alike: units that all can go to, people who serve where all are held."""
        asked = {*step.requires, *step.takes}
        units = self._units() if "unit_id" in asked else []
        people = self._people() if "person_id" in asked and not step.asks else []
        form = StepForm(step, data, units=units, people=people, version=0)
        if step.asks:
            form.fields.pop("person_id", None)
        return form

    def _units(self) -> list[tuple[int, str]]:
        places = {row.place_code for row in self.matters}
        holders = {row.holder_id for row in self.matters}
        return [
            (unit.unit_id, unit.name)
            for unit in units_at(places)
            if all(contains(unit.place_code, place) for place in places) and holders != {unit.unit_id}
        ]

    def _people(self) -> list[tuple[int, str]]:
        of_units = [people_to_give(row) for row in {row.holder_id: row for row in self.matters}.values()]
        common = set.intersection(*map(set, of_units)) if of_units else set()
        return [person for person in of_units[0] if person in common] if common else []

    def shown(self) -> list[Row]:
        return [Row(row, _page(row), self._now(row)) for row in self.matters]

    def preview(self, step: Transition, form: StepForm) -> list[Row]:
        """What would happen to each, and which would be refused as things stand."""
        return [
            Row(row, _page(row), self._now(row), self._then(row, step, form), self._trouble(row, step, form))
            for row in self.matters
        ]

    def _now(self, row: Matter) -> str:
        holder = self.names.get(row.holder_id or 0, "")
        parts = [str(row.state_name), holder, row.handler.name if row.handler else ""]
        return " · ".join(part for part in parts if part)

    def _then(self, row: Matter, step: Transition, form: StepForm) -> str:
        unit, person = (
            dict(getattr(form.fields.get(name), "choices", ())) for name in ("unit_id", "person_id")
        )
        given = form.cleaned_data
        holder = self.names.get(row.holder_id or 0, "")
        if step.name == "dispatch":
            words = _("请%(unit)s接办；对方接办前仍由%(holder)s负责") if holder else _("请%(unit)s接办")
            return words % {"unit": unit.get(given["unit_id"], ""), "holder": holder}
        if step.name == "hand_over":
            return _("由%(person)s办理") % {"person": person.get(given["person_id"], "")}
        taking = self.names.get(row.asked_id or row.holder_id or 0, "")
        return _("由%(unit)s接办，您是办理人") % {"unit": taking}

    def _trouble(self, row: Matter, step: Transition, form: StepForm) -> str:
        changes = changes_since(row, self.versions[row.pk]) if row.version != self.versions[row.pk] else []
        if changes:
            return _("您勾选以后有人办过：%(what)s") % {"what": "；".join(changes)}
        if step.name not in {each.name for each in self.offered[row.pk]}:
            return _("现在是“%(state)s”，不能%(step)s") % {"state": row.state_name, "step": step.words}
        return self._already(row, step, form)

    def _already(self, row: Matter, step: Transition, form: StepForm) -> str:
        given = form.cleaned_data
        if step.name == "dispatch" and given["unit_id"] == row.holder_id:
            return _("本来就由这个单位负责，不再派办")
        if step.name == "hand_over" and given["person_id"] == row.handler_id:
            return _("本来就由这个人办理")
        return ""

    def take(self, step: Transition, form: StepForm) -> tuple[list[Row], list[Row]]:
        """Do it: (done, refused with the reason)."""
        rows = {row.pk: row for row in self.matters}
        passed_over = {pk: why for pk, row in rows.items() if (why := self._already(row, step, form))}
        versions = {pk: self.versions[pk] for pk in rows if pk not in passed_over}
        said = apply_to_each(actor=self.actor, versions=versions, name=step.name, inputs=form.inputs())
        refused = passed_over | {pk: str(why.message) for pk, why in said.items() if why is not None}
        fresh = {row.pk for row in policy_for(Matter).visible_to(self.actor).filter(pk__in=rows).only("pk")}
        done = [self._done(row, step, form, fresh) for pk, row in rows.items() if pk not in refused]
        return done, [
            Row(rows[pk], _page(rows[pk]), self._now(rows[pk]), trouble=why) for pk, why in refused.items()
        ]

    def _done(self, row: Matter, step: Transition, form: StepForm, seen: set[int]) -> Row:
        """What is given away may have left the reader's sight: then there is no page to open."""
        return Row(row, _page(row) if row.pk in seen else "", "", self._then(row, step, form))


def _page(row: Matter) -> str:
    return reverse("desk:matter", args=[row.number])


def batch_of(actor: Actor, texts: Sequence[str]) -> Batch:
    """Raises NotVisible where nothing was chosen that the actor may see."""
    batch = Batch(actor, read_rows(texts))
    if not batch.matters:
        raise NotVisible(_("没有找到所选的事。"))
    return batch
