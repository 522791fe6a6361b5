"""Which grids a branch and which buildings a group covers from a day on, with its counts; what ends with a unit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.places.models import Building, Grid
from doorstep.kernel.shared.dated import Dated
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.chain.models import Approval, BranchGrid, Form, GroupBuilding, MemberCount, Term
from doorstep.modules.chain.selectors import BRANCH, GROUP, buildings_of, grids_of
from doorstep.modules.chain.services_work import Work

_PAPERS: tuple[tuple[Any, str], ...] = ((Form, "unit_id"), (Term, "unit_id"), (Approval, "unit_id"))
_OF_UNITS: tuple[tuple[Any, str], ...] = ((BranchGrid, "branch_id"), (GroupBuilding, "group_id"), *_PAPERS)


class Coverage:
    """Coverage of branches (grids) or groups (buildings) from one day on, by one document. Keys are row ids."""

    def __init__(self, actor: Actor, unit_kind: str, day: dt.date, document: str) -> None:
        self.actor, self.day, self.document = actor, day, document
        self.of_branches = unit_kind == BRANCH
        self.field = "grids" if self.of_branches else "buildings"

    def held(self, unit_id: int) -> list[int]:
        if self.of_branches:
            return [grid.pk for grid in grids_of([unit_id], self.day).get(unit_id, [])]
        return [building.pk for building in buildings_of([unit_id], self.day).get(unit_id, [])]

    def cover(self, unit_id: int, wanted: list[int]) -> None:
        """From the day on the unit covers exactly `wanted`. Raises RuleViolation where later coverage is recorded."""
        model: Any = BranchGrid if self.of_branches else GroupBuilding
        owner, target = ("branch_id", "grid_id") if self.of_branches else ("group_id", "building_id")
        rows = model.objects.select_for_update().filter(**{owner: unit_id}).exclude(valid_to__lte=self.day)
        standing = list(rows)
        if any(row.valid_from > self.day for row in standing):
            raise RuleViolation(
                _("这个组织的覆盖范围在生效日期以后已有调整，请把生效日期改到它之后。"), field="effective_on"
            )
        before = [getattr(row, target) for row in standing]
        self._end(row for row in standing if getattr(row, target) not in wanted)
        model.objects.bulk_create(
            model(**{owner: unit_id, target: key}, valid_from=self.day) for key in wanted if key not in before
        )
        work = Work(self.actor, [unit_id])
        version = work.state(unit_id, self.day, (BRANCH, GROUP), "unit")
        changes = {
            self.field: [self._names(before), self._names(wanted)], "effective_on": self.day.isoformat(),
            "document": self.document,
        }  # fmt: skip
        work.write(unit_id, f"chain.{self.field}_changed", version.place_code, changes)
        work.finish()

    def close(self, unit_id: int) -> None:
        """What the chain knew of a unit ends with it on the day."""
        self._close(unit_id, _OF_UNITS)

    def close_papers(self, unit_id: int) -> None:
        """The same without what it covers, where others take that over by themselves."""
        self._close(unit_id, _PAPERS)

    def _close(self, unit_id: int, models: Iterable[tuple[Any, str]]) -> None:
        for model, owner in models:
            rows = (
                model.objects.select_for_update().filter(**{owner: unit_id}).exclude(valid_to__lte=self.day)
            )
            self._end(rows)

    def count(self, unit_id: int, full: int, probationary: int) -> None:
        MemberCount.objects.update_or_create(
            unit_id=unit_id, counted_on=self.day, defaults={"full": full, "probationary": probationary}
        )

    def _names(self, keys: list[int]) -> str:
        model: Any = Grid if self.of_branches else Building
        return "、".join(model.objects.filter(pk__in=keys).order_by("pk").values_list("name", flat=True))

    def _end(self, rows: Iterable[Dated]) -> None:
        for row in rows:
            if row.valid_from >= self.day:
                row.delete()  # it never held for a day
            else:
                row.valid_to = self.day
                row.save(update_fields=["valid_to"])
