"""The plan of the training district: a small made-up district in which the chain is broken on purpose.

Every kind of break that the platform finds occurs at least once, so that officers can practise mending. Each function
of `BREAKS` takes something away from a plan that was whole; no two of them touch the same branch or group.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace

import shapely

from .district import Totals, authorities, businesses, communities
from .geography import BuildingPlace, Geography
from .names import PRACTICE
from .organising import five_years_after, five_years_before
from .patterns import UNORGANISED
from .plan import AppointmentPlan, CountPlan, CoveragePlan, MovePlan, PlacementPlan, Plan, UnitPlan
from .register import Register

FIRST_NUMBER = 5000
TOTALS = Totals(
    branches=18, groups=12, households=15, workers=22, new_secretaries=1, adjusted=0, fewest_members=14
)
LAST_COUNT = 6  # days ago


class Practice:
    """A plan on its way to be broken: hands out branches and groups that are still whole."""

    def __init__(self, plan: Plan, register: Register, geography: Geography) -> None:
        self.plan, self.register, self.geography = plan, register, geography
        self.buildings = {building.number: building for building in geography.buildings}
        self.coverage = {row.unit: row for row in plan.coverage}
        branches = [row.unit for row in plan.coverage if row.grids]
        # Once around the communities and round again, so that every community has something to mend.
        self._branches = _round_robin(branches)
        self._groups = _round_robin([row.unit for row in plan.coverage if row.buildings])

    def branch(self, fits: Callable[[CoveragePlan], bool] = lambda row: True) -> str:
        return self._next(self._branches, fits)

    def group(self, fits: Callable[[CoveragePlan], bool] = lambda row: True) -> str:
        return self._next(self._groups, fits)

    def _next(self, keys: list[str], fits: Callable[[CoveragePlan], bool]) -> str:
        key = next(key for key in keys if fits(self.coverage[key]))
        keys.remove(key)
        return key

    def unit(self, key: str) -> UnitPlan:
        return self.register.units[key]

    def change_unit(self, unit: UnitPlan) -> None:
        self.register.units[unit.key] = unit
        self.plan.units = [unit if row.key == unit.key else row for row in self.plan.units]

    def change_coverage(self, row: CoveragePlan) -> None:
        self.coverage[row.unit] = row
        self.plan.coverage = [row if old.unit == row.unit else old for old in self.plan.coverage]

    def free_buildings(self, grids: tuple[str, ...]) -> Iterator[BuildingPlace]:
        taken = {number for row in self.coverage.values() for number in row.buildings}
        return (b for b in self.geography.buildings if b.grid in grids and b.number not in taken)

    def count(self, unit: str, full: int, probationary: int = 1) -> None:
        self.plan.counts.append(CountPlan(unit, self.plan.days_ago(LAST_COUNT), full, probationary))

    def leave(self, post: str, unit: str) -> AppointmentPlan:
        """The holder of the post leaves a fortnight ago; gives the appointment as it now is."""
        held = next(
            row for row in self.plan.appointments if (row.post, row.unit, row.end) == (post, unit, None)
        )
        ended = replace(held, end=self.plan.days_ago(15), end_reason="调离")
        self.plan.appointments = [ended if row is held else row for row in self.plan.appointments]
        return ended

    def document(self) -> str:
        return self.register.document("组", self.plan.days_ago(30))


def _round_robin(units: list[str]) -> list[str]:
    """Keys are "branch CODE 3": first the first of each community, then the second, and so on."""
    return sorted(units, key=lambda key: (int(key.split()[2]), key.split()[1]))


def training_plan(geography: Geography, today: dt.date) -> tuple[Plan, Register]:
    """The training district as of `today`, with its breaks."""
    plan = Plan(today)
    register = Register(plan, PRACTICE, FIRST_NUMBER)
    authorities(plan, register, geography, ("练习区住房和城市建设局",))
    communities(plan, register, geography, TOTALS, without=UNORGANISED)
    businesses(plan, register, geography)
    practice = Practice(plan, register, geography)
    for break_it in BREAKS.values():
        break_it(practice)
    return plan, register


# Grids, branches and organisations


def uncover_a_grid(practice: Practice) -> None:
    """A branch of two grids gave one up."""
    row = practice.coverage[practice.branch(lambda row: len(row.grids) > 1)]
    practice.change_coverage(replace(row, grids=row.grids[:1]))


def found_without_grid(practice: Practice) -> None:
    """A branch founded in the register of units, to which nobody gave a grid."""
    model = practice.branch()
    key, plan = f"{model} flying", practice.plan
    name = practice.unit(model).name.replace("网格党支部", "机动党支部")
    practice.register.unit(
        replace(practice.unit(model), key=key, name=name, bare=True, document=practice.document())
    )
    secretary = next(row for row in plan.appointments if (row.unit, row.post) == (model, "branch_secretary"))
    plan.appointments.append(
        replace(
            secretary, unit=key, person=practice.register.person(practice.unit(model).place_code), end=None
        )
    )
    plan.counts.append(CountPlan(key, plan.days_ago(LAST_COUNT), 9, 1))
    plan.forms.append(replace(next(row for row in plan.forms if row.unit == model), unit=key))
    plan.terms.append(
        replace(next(row for row in plan.terms if row.unit == model), unit=key, committee_size=3)
    )


def detach_a_branch(practice: Practice) -> None:
    """A branch put under the organisation of another community by mistake."""
    key = practice.branch()
    others = [unit.key for unit in practice.plan.units if unit.kind == "community_party_organisation"]
    wrong = next(other for other in others if other != practice.unit(key).superior)
    practice.plan.moves.append(MovePlan(key, wrong, practice.plan.days_ago(20), practice.document()))


def shrink_a_branch(practice: Practice) -> None:
    practice.count(practice.branch(), 2)


def swell_a_branch(practice: Practice) -> None:
    practice.count(practice.branch(), 52)


def misjudge_a_form(practice: Practice) -> None:
    """A general branch that has grown to what makes a party committee, or the other way round."""
    form = next(row for row in practice.plan.forms if row.unit.startswith("party"))
    practice.count(form.unit, 108 if form.form == "general_branch" else 72)


def forget_to_count(practice: Practice) -> None:
    """A branch not counted for more than a year."""
    day = practice.plan.days_ago(400)
    key = practice.branch(lambda row: row.start < day)
    practice.plan.counts = [row for row in practice.plan.counts if row.unit != key or row.day < day]


def lack_a_committee(practice: Practice) -> None:
    """A branch of six that grew to nine without electing a committee."""
    key = practice.branch()
    practice.plan.counts = [
        replace(row, full=6 if row.day == practice.unit(key).founded_on else 9) if row.unit == key else row
        for row in practice.plan.counts
    ]
    practice.plan.terms = [
        replace(row, committee_size=0) if row.unit == key else row for row in practice.plan.terms
    ]


# Posts and terms


def lose_a_community_secretary(practice: Practice) -> None:
    parties = [unit.key for unit in practice.plan.units if unit.kind == "community_party_organisation"]
    practice.leave("community_secretary", parties[-1])


def lose_a_branch_secretary(practice: Practice) -> None:
    practice.leave("branch_secretary", practice.branch())


def lose_a_group_leader(practice: Practice) -> None:
    practice.leave("group_leader", practice.group())


def let_a_term_expire(practice: Practice) -> None:
    _end_the_term(practice, practice.plan.days_ago(60))


def let_a_term_come_to_its_end(practice: Practice) -> None:
    _end_the_term(practice, practice.plan.days_ago(-75))


def _end_the_term(practice: Practice, end: dt.date) -> None:
    """A branch founded one term before the day, and nobody elected since."""
    key = practice.branch()
    start = five_years_before(end.replace(day=min(end.day, 28)))
    practice.change_unit(replace(practice.unit(key), founded_on=start))
    practice.plan.terms = [
        replace(row, start=start, end=five_years_after(start)) if row.unit == key else row
        for row in practice.plan.terms
    ]


def lose_a_term(practice: Practice) -> None:
    key = practice.branch()
    practice.plan.terms = [row for row in practice.plan.terms if row.unit != key]


# Groups, buildings and households


def scatter_a_group(practice: Practice) -> None:
    """A group of two buildings far from each other; what approved it ended ten days ago."""
    key = practice.group()
    row = practice.coverage[key]
    first = practice.buildings[row.buildings[0]]
    grids = practice.coverage[practice.unit(key).superior].grids
    far = max(practice.free_buildings(grids), key=lambda building: _way(building, first))
    practice.change_coverage(
        replace(row, buildings=(first.number, far.number), approved_until=practice.plan.days_ago(10))
    )


def redraw_under_a_group(practice: Practice) -> None:
    """A building given to the grid of another branch, while its group stayed."""
    key = practice.group(lambda row: len(row.buildings) > 1)
    own = practice.coverage[practice.unit(key).superior].grids
    building = practice.buildings[practice.coverage[key].buildings[-1]]
    others = [row.grids[0] for row in practice.plan.coverage if row.grids and row.grids != own]
    grid = next(code for code in others if code[:12] == building.grid[:12])
    practice.plan.placements.append(PlacementPlan(building.number, grid, practice.plan.days_ago(5)))


def detach_a_group(practice: Practice) -> None:
    practice.plan.moves.append(
        MovePlan(practice.group(), "", practice.plan.days_ago(20), practice.document())
    )


def found_without_building(practice: Practice) -> None:
    """A group founded in the register of units, to which nobody gave buildings."""
    model = practice.unit(practice.group())
    leader = next(row for row in practice.plan.appointments if row.unit == model.key)
    key = f"{model.key} waiting"
    practice.register.unit(
        replace(
            model, key=key, name=f"待定楼栋党小组（{model.name}）", bare=True, document=practice.document()
        )
    )
    practice.plan.appointments.append(
        replace(leader, unit=key, person=practice.register.person(model.place_code))
    )
    practice.plan.counts.append(CountPlan(key, practice.plan.days_ago(LAST_COUNT), 4, 0))


def empty_a_group(practice: Practice) -> None:
    practice.count(practice.group(), 1, 0)


def strand_a_household(practice: Practice) -> None:
    """A household in a building that belongs to no group."""
    key = practice.group()
    grids = practice.coverage[practice.unit(key).superior].grids
    free = next(practice.free_buildings(grids))
    index = next(index for index, row in enumerate(practice.plan.households) if row.group == key)
    practice.plan.households[index] = replace(practice.plan.households[index], building=free.number)


def have_no_households(practice: Practice) -> None:
    """A community in which no household was ever designated."""
    code = practice.geography.communities[3].code
    practice.plan.households = [
        row for row in practice.plan.households if not row.group.startswith(f"group {code}")
    ]


def _way(one: BuildingPlace, other: BuildingPlace) -> float:
    return float(shapely.distance(one.point, other.point))


BREAKS: dict[str, Callable[[Practice], None]] = {
    "chain.grid_uncovered": uncover_a_grid,
    "chain.branch_without_grid": found_without_grid,
    "chain.branch_detached": detach_a_branch,
    "chain.branch_below_three": shrink_a_branch,
    "chain.branch_above_fifty": swell_a_branch,
    "chain.form_unfit": misjudge_a_form,
    "chain.branch_uncounted": forget_to_count,
    "chain.committee_unfit": lack_a_committee,
    "chain.organisation_without_secretary": lose_a_community_secretary,
    "chain.branch_without_secretary": lose_a_branch_secretary,
    "chain.group_without_leader": lose_a_group_leader,
    "chain.term_expired": let_a_term_expire,
    "chain.term_due": let_a_term_come_to_its_end,
    "chain.term_missing": lose_a_term,
    "chain.group_scattered": scatter_a_group,
    "chain.group_outside_branch": redraw_under_a_group,
    "chain.group_detached": detach_a_group,
    "chain.group_without_building": found_without_building,
    "chain.group_too_few": empty_a_group,
    "chain.household_without_group": strand_a_household,
    "chain.community_without_household": have_no_households,
}
"""By the finding each causes. Two holders of one post are not among them: services and database both refuse that.
A community without an organisation is there from the start: `UNORGANISED`."""
