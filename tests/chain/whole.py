"""A district in which nothing is broken, and what is found in it."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.declarations.findings import all_findings
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.chain.models import MemberCount
from doorstep.modules.chain.services_bulk import NewForm, set_forms
from tests.chain.world import BEGAN, SYSTEM, TODAY, World

YESTERDAY = TODAY - dt.timedelta(1)


class Whole(World):
    """A district in which nothing is broken."""

    def finish(self) -> None:
        self.units = {}
        for code, unit in self.communities.items():
            self.count(unit, 60)
            set_forms(actor=SYSTEM, forms=[NewForm(unit_id=unit.pk, form="general_branch", valid_from=BEGAN)])
            self.term(unit, size=5)
            self.leader(unit, "community_secretary")
            for number in (1, 2, 3):
                self._branch(f"{code}00{number}")
            self.household(self.buildings[f"{code}001"][0])

    def _branch(self, grid: str) -> None:
        branch = self.units[grid] = self.branch(grid, full=9)
        self.count(branch, 9)
        self.term(branch)
        self.leader(branch, "branch_secretary")
        group = self.units["group", grid] = self.group(branch, self.buildings[grid][:3])
        self.leader(group, "group_leader")

    def count(self, unit, full: int) -> None:
        MemberCount.objects.update_or_create(unit=unit, counted_on=YESTERDAY, defaults={"full": full})


def found(on: dt.date = TODAY, place: str = "") -> dict[str, list[str]]:
    """Key → names of what is at fault."""
    result = {}
    for each in all_findings():
        if not each.key.startswith("chain."):
            continue
        rows = each.rows(on).filter(within(each.place_field, [place]))
        if names := [str(each.subject(row)) for row in rows]:
            result[each.key.removeprefix("chain.")] = names
    return result


def version(unit) -> UnitVersion:
    return UnitVersion.objects.get(unit=unit, valid_to=None)
