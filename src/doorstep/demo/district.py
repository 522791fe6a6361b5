"""The plan of the demo district: the programme's published counts, met exactly, and nothing broken."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random

from .cast import COMMUNITY
from .coverage import Nearness, shared_out
from .geography import Geography, Outlined
from .names import OFFICE_HOURS
from .organising import Community, Ground, Quota
from .plan import AppointmentPlan, Plan, UnitPlan
from .register import Register

DEPARTMENTS = (
    "区委组织部", "区委宣传部", "区委政法委", "区委社会工作部", "团区委", "区妇联", "区发展和改革局", "区教育局",
    "区民政局", "区司法局", "区财政局", "区人力资源和社会保障局", "区住房和城市建设局", "区城市管理局", "区商务局",
    "区文化和旅游局", "区卫生健康局", "区退役军人事务局", "区应急管理局", "区市场监督管理局", "区医疗保障局", "区数据局",
)  # fmt: skip
FEDERATION = "volunteer federation"
OF_THE_COMMITTEE = (
    "区委",
    "团区委",
    "区妇联",
)  # work under the district's party committee, not its government


@dataclass(frozen=True)
class Totals:
    """What a district's plan must add up to; `new_secretaries` came in mid-term."""

    branches: int = 547
    groups: int = 325
    households: int = 436
    workers: int = 665
    new_secretaries: int = 23
    adjusted: int = 8  # communities with a merge in their past, and as many others with a split
    fewest_members: int = 4


def district_plan(
    geography: Geography, today: dt.date, totals: Totals | None = None
) -> tuple[Plan, Register]:
    """The whole district as of `today`, all its dates running back from that day."""
    plan = Plan(today)
    register = Register(plan)
    authorities(plan, register, geography, DEPARTMENTS)
    communities(plan, register, geography, totals or Totals())
    businesses(plan, register, geography)
    volunteers(plan, register, geography)
    administration(plan, register, geography.district.code)
    at_home = next(building.grid for building in geography.buildings if building.grid.startswith(COMMUNITY))
    plan.resident = register.person(at_home)
    _post(plan, register, "hotline_officer", "district government", geography.district.code)
    partners(plan, register, geography)
    plan.in_service = register.person(at_home)
    return plan, register


def administration(plan: Plan, register: Register, code: str) -> None:
    """The platform's three separate administrators, of whom no account holds two posts."""
    key = "platform administration"
    _office(plan, register, key, "platform_administration", "平台管理组", code, plan.days_ago(2000))
    for post in ("system_administrator", "security_administrator", "audit_administrator"):
        _post(plan, register, post, key, code)


def authorities(plan: Plan, register: Register, geography: Geography, departments: tuple[str, ...]) -> None:
    """The district's committee and government, departments, and both authorities of every street."""
    code, name = geography.district.code, geography.district.name
    founded = plan.days_ago(9000)
    _office(plan, register, "district committee", "district_committee", f"中共{name}委员会", code, founded)
    _office(plan, register, "district government", "district_government", f"{name}人民政府", code, founded)
    for _ in range(3):
        _post(plan, register, "district_officer", "district committee", code)
    for number, department in enumerate(departments, start=1):
        key = f"department {number}"
        of_the_party = department.startswith(OF_THE_COMMITTEE)
        superior = "district committee" if of_the_party else "district government"
        _office(plan, register, key, "department", department, code, founded, superior)
        _post(plan, register, "department_officer", key, code)
    for street in geography.streets:
        _street(plan, register, street)


def _street(plan: Plan, register: Register, street: Outlined) -> None:
    short, founded = street.name.removesuffix("街道"), plan.days_ago(8000)
    committee, office = working_committee(street.code), street_office(street.code)
    _office(
        plan, register, committee, "street_working_committee", f"{short}街道党工委", street.code, founded,
        "district committee",
    )  # fmt: skip
    _office(
        plan,
        register,
        office,
        "street_office",
        f"{short}街道办事处",
        street.code,
        founded,
        "district government",
    )
    for _ in range(2):
        _post(plan, register, "street_officer", committee, street.code)
    _post(plan, register, "street_officer", office, street.code)


def working_committee(street: str) -> str:
    return f"working committee {street}"


def street_office(street: str) -> str:
    return f"street office {street}"


def _office(
    plan: Plan,
    register: Register,
    key: str,
    kind: str,
    name: str,
    place: str,
    founded: dt.date,
    superior: str = "",
) -> None:
    register.unit(
        UnitPlan(
            key=key, kind=kind, name=name, place_code=place, founded_on=founded, superior=superior,
            approved_by=register.units[superior].name if superior else "上级机关",
            document=register.document("办", founded), phone=register.phone_of(key), hours=OFFICE_HOURS,
            address=f"示例大道{len(register.units) % 60 + 1}号",
        )
    )  # fmt: skip


def _post(plan: Plan, register: Register, post: str, unit: str, place: str) -> str:
    person, start = register.person(place), plan.days_ago(800 + 7 * (len(plan.people) % 90))
    plan.appointments.append(
        AppointmentPlan(person, post, unit, start, document=register.document("任", start))
    )
    return person


def communities(
    plan: Plan, register: Register, geography: Geography, totals: Totals, without: str = ""
) -> None:
    """Every community but `without`, with its share of the totals."""
    organised = [community for community in geography.communities if community.code != without]
    grids = {c.code: float(sum(g.parent == c.code for g in geography.grids)) for c in organised}
    merged = shared_out(int(sum(grids.values())) - totals.branches, grids)
    paired = shared_out(int(sum(grids.values())) - totals.workers, grids)
    groups = shared_out(totals.groups, grids, least=1)
    extra = shared_out(totals.households - totals.groups, {code: float(n) for code, n in groups.items()})
    random = Random(f"secretaries {geography.district.code}")
    by_chance = sorted(grids, key=lambda code: (random.random(), code))
    changed = set(by_chance[: totals.new_secretaries])
    last_first = by_chance[::-1]
    merged_branch = set(last_first[: totals.adjusted])
    split_branch = set(last_first[totals.adjusted : 2 * totals.adjusted])
    nearness = Nearness(geography.buildings)
    for place in organised:
        quota = Quota(
            branches=int(grids[place.code]) - merged[place.code],
            groups=groups[place.code],
            households=groups[place.code] + extra[place.code],
            workers=int(grids[place.code]) - paired[place.code],
            new_secretary=place.code in changed,
            merged_branch=place.code in merged_branch,
            split_branch=place.code in split_branch,
            fewest_members=totals.fewest_members,
        )
        superiors = working_committee(place.parent), street_office(place.parent)
        Community(plan, register, _ground(geography, place), quota, nearness, superiors).write()


def _ground(geography: Geography, place: Outlined) -> Ground:
    return Ground(
        place,
        [grid for grid in geography.grids if grid.parent == place.code],
        [compound for compound in geography.compounds if compound.community == place.code],
        [building for building in geography.buildings if building.grid.startswith(place.code)],
    )


def businesses(plan: Plan, register: Register, geography: Geography) -> None:
    """Property companies, each with a manager answering for whole compounds, and a few merchants."""
    for number, street in enumerate(geography.streets, start=1):
        founded = plan.days_ago(2500 + 40 * number)
        company, merchant = property_company(street.code), f"merchant {street.code}"
        ours = [c for c in geography.compounds if c.community.startswith(street.code)][-4:]
        register.unit(
            UnitPlan(
                company, "property_company", f"示例物业服务有限公司{street.name}项目部", street.code, founded,
                phone=register.phone_of(company),
            )
        )  # fmt: skip
        grids = tuple(sorted(code for compound in ours for code in compound.grids))
        manager, start = register.person(street.code), plan.days_ago(900)
        plan.appointments.append(AppointmentPlan(manager, "property_manager", company, start, places=grids))
        community = next(c for c in reversed(geography.communities) if c.parent == street.code)
        register.unit(
            UnitPlan(
                merchant, "merchant", f"示例便民超市（{community.name}店）", community.code, founded,
                phone=register.phone_of(merchant),
            )
        )  # fmt: skip
        owner = register.person(community.code)
        plan.appointments.append(AppointmentPlan(owner, "merchant_manager", merchant, start))


def volunteers(plan: Plan, register: Register, geography: Geography) -> None:
    """The federation, and the one team whose leader is of the cast; the other teams come in with what they did."""
    code, founded = geography.district.code, plan.days_ago(1430)
    _office(
        plan, register, FEDERATION, "volunteer_federation", f"{geography.district.name}志愿服务联合会", code, founded,
        "district committee",
    )  # fmt: skip
    place = next(community for community in geography.communities if community.code == COMMUNITY)
    team = volunteer_team(COMMUNITY)
    register.unit(
        UnitPlan(
            team, "volunteer_team", f"{place.name}邻里守望志愿服务队", COMMUNITY, plan.days_ago(1390), superior=FEDERATION,
            phone=register.phone_of(team),
        )
    )  # fmt: skip
    _post(plan, register, "team_leader", team, COMMUNITY)


def volunteer_team(community: str) -> str:
    return f"team {community}"


def partners(plan: Plan, register: Register, geography: Geography) -> None:
    """The one partner unit whose liaison is of the cast; the others come in with what they agreed."""
    place = next(community for community in geography.communities if community.code == COMMUNITY)
    key = register.unit(
        UnitPlan(
            f"partner {COMMUNITY}", "company", f"示例海韵科技有限公司（{place.name}）", COMMUNITY, plan.days_ago(1800),
            phone=register.phone_of(f"partner {COMMUNITY}"),
        )
    )  # fmt: skip
    _post(plan, register, "unit_liaison", key, COMMUNITY)


def property_company(street: str) -> str:
    return f"property {street}"
