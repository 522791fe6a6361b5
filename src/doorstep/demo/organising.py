"""The plan of a community: its organisations, who holds which post, what each covers, and how it came to be so."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from .coverage import BUILDINGS_OF_A_GROUP, MOST_GRIDS_OF_A_BRANCH, Nearness, joined_grids
from .geography import BuildingPlace, CompoundPlace, GridPlace, Outlined
from .history import add_merge, add_split, branch_name
from .names import OFFICE_HOURS
from .plan import (
    AppointmentPlan,
    Branch,
    CountPlan,
    CoveragePlan,
    FormPlan,
    HouseholdPlan,
    Plan,
    TermPlan,
    UnitPlan,
)
from .register import Register

TERM_YEARS = 5
COUNT_EVERY = 182  # days
COUNTS = 5
COMMITTEE_FROM = 7  # full members of a branch
COMMITTEE_MEMBERS = 100  # members of a community organisation that make it a party committee
TWO_YEARS = 730


@dataclass(frozen=True)
class Quota:
    """How many of each a community is to have."""

    branches: int
    groups: int
    households: int
    workers: int
    new_secretary: bool  # the secretary came during the running term
    merged_branch: bool = False  # one branch came out of a merge
    split_branch: bool = False  # one branch was split off from another
    fewest_members: int = 4  # full members of a branch


@dataclass(frozen=True)
class Ground:
    """The community's own part of the geography."""

    place: Outlined
    grids: list[GridPlace]
    compounds: list[CompoundPlace]
    buildings: list[BuildingPlace]

    @property
    def short(self) -> str:
        return self.place.name.removesuffix("社区")


class Community:
    """Writes one community into a plan."""

    def __init__(
        self,
        plan: Plan,
        register: Register,
        ground: Ground,
        quota: Quota,
        nearness: Nearness,
        superiors: tuple[str, str],
    ) -> None:
        self.plan, self.register, self.nearness = plan, register, nearness
        self.ground, self.quota = ground, quota
        self.code = ground.place.code
        self.working_committee, self.street_office = superiors
        self.random = Random(f"organising {self.code}")
        self.party, self.committee = f"party {self.code}", f"committee {self.code}"
        self.worker_of: dict[str, str] = {}
        self.households: list[str] = []

    def write(self) -> None:
        founded = self.plan.days_ago(3400 + int(self.random.random() * 2000))
        self._residents_committee(founded)
        self._party_organisation(founded)
        self._grid_workers()
        branches = self._branches()
        if self.quota.merged_branch:
            add_merge(self.plan, self.register, branches, self.random)
        if self.quota.split_branch:
            add_split(self.plan, self.register, branches, self.ground.grids, self.random)
        self.plan.counts.extend(count for branch in branches for count in branch.counts)
        self._community_counts(branches)
        self._groups([branch for branch in branches if branch.settled])
        self._committees_of(branches)

    # The community itself

    def _residents_committee(self, founded: dt.date) -> None:
        name = f"{self.ground.place.name}居民委员会"
        self._unit(self.committee, "residents_committee", name, self.code, founded, self.street_office, "民")
        for _ in range(2):
            self._post("community_worker", self.committee, self._new_person(), self._long_ago())

    def _party_organisation(self, founded: dt.date) -> None:
        self._unit(
            self.party, "community_party_organisation", f"{self.ground.place.name}党委", self.code, founded,
            self.working_committee, "组",
        )  # fmt: skip
        start = self.plan.days_ago(700 + int(self.random.random() * 500)).replace(day=15)
        self._terms(self.party, start, 4, committee_size=7)
        secretary = self._new_person()
        since = start
        if self.quota.new_secretary:
            since = self.plan.days_ago(40 + int(self.random.random() * 600))
            before = self._new_person()
            self._post("community_secretary", self.party, before, start, since, "届中调整")
            self._post("residents_committee_chair", self.committee, before, start, since, "届中调整")
        self._post("community_secretary", self.party, secretary, since)
        self._post("residents_committee_chair", self.committee, secretary, since)
        self._post("community_deputy_secretary", self.party, self._new_person(), start)
        for _ in range(5):
            self._post("community_committee_member", self.party, self._new_person(), start, full_time=False)

    def _community_counts(self, branches: list[Branch]) -> None:
        """A community organisation's members are those of its branches; the latest number gives its form."""
        last = 0
        for day in self._count_days():
            found = [count for branch in branches for count in branch.counts if count.day == day]
            full, probationary = sum(c.full for c in found), sum(c.probationary for c in found)
            self.plan.counts.append(CountPlan(self.party, day, full, probationary))
            last = full + probationary
        form = "party_committee" if last >= COMMITTEE_MEMBERS else "general_branch"
        if form == "general_branch":
            self.register.rename(self.party, f"{self.ground.place.name}党总支")
        self.plan.forms.append(FormPlan(self.party, form, self._unit_of(self.party).founded_on))

    # Grids and their workers

    def _grid_workers(self) -> None:
        merges = len(self.ground.grids) - self.quota.workers
        for grids in joined_grids(self.ground.grids, merges, self.random, 2):
            worker = self._new_person()
            draw = self.random.random()
            since = self._long_ago()
            if draw < 0.15:
                left = self.plan.days_ago(30 + int(self.random.random() * 690))
                since = left + dt.timedelta(days=int(self.random.random() * 25))
                self._post(
                    "grid_worker",
                    self.committee,
                    self._new_person(),
                    self._long_ago(),
                    left,
                    "岗位调整",
                    grids,
                )
            elif draw < 0.26:
                since = self.plan.days_ago(int(20 + self.random.random() * 700))
            self._post("grid_worker", self.committee, worker, since, places=grids)
            for grid in grids:
                self.worker_of[grid] = worker

    # Branches

    def _branches(self) -> list[Branch]:
        merges = len(self.ground.grids) - self.quota.branches
        found = []
        for number, grids in enumerate(
            joined_grids(self.ground.grids, merges, self.random, MOST_GRIDS_OF_A_BRANCH), start=1
        ):
            key, name = f"branch {self.code} {number}", branch_name(self.ground.short, grids)
            found.append(self._branch(key, name, grids))
        return found

    def _branch(self, key: str, name: str, grids: tuple[str, ...]) -> Branch:
        new = self.random.random() < 0.3
        age = 60 + int(self.random.random() * 660) if new else 760 + int(self.random.random() * 700)
        founded = self.plan.days_ago(age)
        place = grids[0] if len(grids) == 1 else self.code
        self._unit(key, "grid_party_branch", name, place, founded, self.party, "组")
        self.plan.coverage.append(CoveragePlan(key, founded, grids=grids))
        self.plan.forms.append(FormPlan(key, "branch", founded))
        counts = self._branch_counts(key, founded)
        committee = 3 if counts[-1].full >= COMMITTEE_FROM else 0
        self._terms(key, founded, 1, committee)
        self._secretary(key, founded)
        workers = sorted({self.worker_of[grid] for grid in grids})
        return Branch(key, name, grids, founded, workers, counts)

    def _branch_counts(self, key: str, founded: dt.date) -> list[CountPlan]:
        """Counted at the founding and twice a year; a branch stays on its side of the committee's threshold."""
        fewest = self.quota.fewest_members
        full = fewest + int(self.random.random() * 12 + self.random.random() * 14)
        lowest, highest = (COMMITTEE_FROM, 46) if full >= COMMITTEE_FROM else (fewest, COMMITTEE_FROM - 1)
        counts = []
        for day in [founded, *(day for day in self._count_days() if day > founded)]:
            counts.append(CountPlan(key, day, full, int(self.random.random() * 3)))
            full = min(highest, max(lowest, full + int(self.random.random() * 4) - 1))
        return counts

    def _secretary(self, key: str, founded: dt.date) -> None:
        since = founded
        if self.random.random() < 0.15 and founded < self.plan.days_ago(300):
            since = self.plan.days_ago(30 + int(self.random.random() * 250))
            self._post(
                "branch_secretary", key, self._new_person(), founded, since, "工作调整", full_time=False
            )
        self._post("branch_secretary", key, self._new_person(), since, full_time=False)

    def _committees_of(self, branches: list[Branch]) -> None:
        """Two members beside the secretary where the branch has a committee: grid workers first, then neighbours."""
        spare = [person for person in self.households if self.random.random() < 0.7]
        for branch in branches:
            if branch.counts[-1].full < COMMITTEE_FROM:
                continue
            members = [*branch.workers[:1], spare.pop(0) if spare else self._new_person()]
            while len(members) < 2:
                members.append(self._new_person())
            for member in members:
                self._post("branch_committee_member", branch.key, member, branch.founded, full_time=False)

    # Groups and households

    def _groups(self, branches: list[Branch]) -> None:
        inside: dict[str, list[BuildingPlace]] = {}
        for building in self.ground.buildings:
            inside.setdefault(building.grid, []).append(building)
        offers = []
        for branch in branches:
            numbers = [building.number for grid in branch.grids for building in inside[grid]]
            lowest, highest = BUILDINGS_OF_A_GROUP
            size = lowest + int(self.random.random() * (highest - lowest + 1))
            for rank, bunch in enumerate(self.nearness.bunches(numbers, size)):
                offers.append((rank, -len(bunch), branch.key, bunch, branch))
        offers.sort(key=lambda offer: offer[:4])
        chosen = offers[: self.quota.groups]
        households = [1] * len(chosen)
        for extra in range(self.quota.households - len(chosen)):
            households[extra % len(chosen)] += 1
        by_number = {building.number: building for building in self.ground.buildings}
        for number, (offer, count) in enumerate(zip(chosen, households, strict=True), start=1):
            self._group(number, offer[4], [by_number[building] for building in offer[3]], count)

    def _group(self, number: int, branch: Branch, buildings: list[BuildingPlace], households: int) -> None:
        key = f"group {self.code} {number}"
        since_branch = (self.plan.today - branch.founded).days
        age = 20 + int(self.random.random() * (since_branch - 21))
        founded = self.plan.days_ago(age)
        place = buildings[0].grid if len({b.grid for b in buildings}) == 1 else self.code
        name = (
            f"{buildings[0].name}等{len(buildings)}栋楼党小组"
            if len(buildings) > 1
            else f"{buildings[0].name}党小组"
        )
        self._unit(key, "building_party_group", name, place, founded, branch.key, "组")
        self.plan.coverage.append(CoveragePlan(key, founded, buildings=tuple(b.number for b in buildings)))
        full = min(3 + int(self.random.random() * 5), max(3, branch.counts[-1].full // 2))
        for day in sorted({founded, max(founded, self._count_days()[-1])}):
            self.plan.counts.append(CountPlan(key, day, full, int(self.random.random() * 2)))
        for index in range(households):
            building = buildings[index % len(buildings)]
            self._household(key, building, max(1, int(self.random.random() * age)), leads=index == 0)
        if age > 200 and self.random.random() < 0.08:
            self._former_household(key, buildings[-1], age)

    def _household(self, group: str, building: BuildingPlace, age: int, leads: bool) -> None:
        founded = self._unit_of(group).founded_on
        start = founded if leads else self.plan.days_ago(age)
        shows = start if self.random.random() < 0.6 else None
        person = self.register.person(building.grid, shows)
        storey = 1 + int(self.random.random() * building.storeys)
        door = f"{1 + int(self.random.random() * 3)}单元{storey}0{1 + int(self.random.random() * 2)}"
        self.plan.households.append(
            HouseholdPlan(person, building.number, group, door, start, self.register.document("户", start))
        )
        self.households.append(person)
        if leads:
            self._post("group_leader", group, person, founded, full_time=False)

    def _former_household(self, group: str, building: BuildingPlace, age: int) -> None:
        start, end = self.plan.days_ago(age - 30), self.plan.days_ago(10 + int(self.random.random() * 100))
        self.plan.households.append(
            HouseholdPlan(
                self.register.person(building.grid), building.number, group, "1单元101", start,
                self.register.document("户", start), end, "搬离本社区",
            )
        )  # fmt: skip

    # Small parts

    def _unit(
        self, key: str, kind: str, name: str, place: str, founded: dt.date, superior: str, issuer: str
    ) -> None:
        approved_by = self._unit_of(superior).name
        office = kind in ("residents_committee", "community_party_organisation", "grid_party_branch")
        self.register.unit(
            UnitPlan(
                key=key, kind=kind, name=name, place_code=place, founded_on=founded, superior=superior,
                approved_by=approved_by, document=self.register.document(issuer, founded),
                phone=self.register.phone_of(self.code) if office else "",
                hours=OFFICE_HOURS if office else "",
                address=f"{self.ground.place.name}示例一路1号党群服务中心" if office else "",
            )
        )  # fmt: skip

    def _unit_of(self, key: str) -> UnitPlan:
        return self.register.units[key]

    def _terms(self, unit: str, start: dt.date, number: int, committee_size: int) -> None:
        """The running term and, where the unit is older, the one before it."""
        founded = self._unit_of(unit).founded_on
        starts = [start]
        while len(starts) < number and five_years_before(starts[0]) > founded:
            starts.insert(0, five_years_before(starts[0]))
        ends = [following for _, following in pairwise(starts)] + [five_years_after(starts[-1])]
        for offset, (begin, end) in enumerate(zip(starts, ends, strict=True)):
            serial = number - len(starts) + 1 + offset
            self.plan.terms.append(
                TermPlan(unit, serial, begin, end, committee_size, self.register.document("组", begin))
            )

    def _post(
        self, post: str, unit: str, person: str, start: dt.date, end: dt.date | None = None, reason: str = "",
        places: tuple[str, ...] = (), full_time: bool = True,
    ) -> None:  # fmt: skip
        self.plan.appointments.append(
            AppointmentPlan(
                person=person, post=post, unit=unit, start=start, end=end, places=places, full_time=full_time,
                document=self.register.document("任", start), end_reason=reason,
            )
        )  # fmt: skip

    def _new_person(self) -> str:
        return self.register.person(self.code)

    def _long_ago(self) -> dt.date:
        return self.plan.days_ago(TWO_YEARS + 30 + int(self.random.random() * 700))

    def _count_days(self) -> list[dt.date]:
        return [self.plan.days_ago(20 + COUNT_EVERY * step) for step in reversed(range(COUNTS))]


def five_years_after(day: dt.date) -> dt.date:
    """The first day after a term that began on `day`."""
    if (day.month, day.day) == (2, 29):
        return dt.date(day.year + TERM_YEARS, 3, 1)
    return day.replace(year=day.year + TERM_YEARS)


def five_years_before(day: dt.date) -> dt.date:
    """The first day of the term before the one that begins on `day` (not a 29 February)."""
    return day.replace(year=day.year - TERM_YEARS)
