"""What goes on in the demo district's grids: forces, supervision lines, legal professionals, visits of a year."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from random import Random

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.people.models import Person
from doorstep.modules.grids.models import DUTIES
from doorstep.modules.grids.models_roster import Professional
from doorstep.modules.grids.services import NewVisit, record_visits
from doorstep.modules.grids.services_difficulty import NewDifficulty, set_difficulties
from doorstep.modules.grids.services_lists import (
    NewForce,
    NewProfessional,
    NewSlot,
    add_slots,
    attach_forces,
    enrol_professionals,
    set_line,
)
from doorstep.modules.grids.services_roster import (
    NewLegalVisit,
    NewQuestion,
    record_legal_visits,
    record_questions,
)

from .geography import Geography, Outlined
from .names import DEMO, FIRST, office_phone
from .plan import Plan

FORCES_SINCE, ROSTER_SINCE = 700, 400  # days ago
VISITS_OF_A_GRID = 5
LEGAL_VISITS_OF_A_COMMUNITY = 6
FIRST_PHONE = 7000
OTHERS = (
    ("fire", "消防救援站", "防火员"), ("urban_management", "城管执法中队", "执法队员"), ("health", "社区卫生服务站", "家庭医生团队"),
    ("property", "物业服务中心", "项目经理"), ("emergency", "应急管理所", "安全员"),
)  # fmt: skip
PROFESSIONS = (
    ("police_officer", "警", "派出所"), ("judge", "法", "人民法庭"), ("procurator", "检", "检察室"), ("lawyer", "律", "律师事务所"),
)  # fmt: skip
DIFFICULTIES = (
    (1.4, "老旧楼院，没有电梯"), (1.25, "独居老人多"), (1.3, "出租房多，人员流动大"), (0.85, "新建小区，物业完善"),
)  # fmt: skip
NOTES = {
    "information": ("核对了新搬来的住户", "更新了商铺信息", ""),
    "opinion": ("居民希望增加晾衣架", "反映楼前停车紧张，已上报", ""),
    "hazard": ("楼道堆物，当场清走", "电动车进楼，已劝离", "灭火器过期，已告知物业"),
    "dispute": ("楼上楼下因漏水有争执，已劝和", ""),
    "publicity": ("讲了防诈骗", "发了冬季用气提示", ""),
    "agency": ("代办老年证", "代取药品", ""),
    "psychological": ("陪独居老人聊天", "联系了心理服务站"),
}
TOPICS = (
    "防范电信诈骗讲座",
    "遗嘱和继承咨询",
    "邻里纠纷调解",
    "消费维权咨询",
    "未成年人保护宣讲",
    "物业合同答疑",
)
ANSWERED = (
    ("租房押金不退怎么办", "先看合同约定，保留交接照片和付款凭证；协商不成，可以申请人民调解，也可以起诉。"),
    ("楼上漏水损失由谁赔", "先查清漏水原因和责任，由责任方赔偿；可以请物业、社区一起查看并留存记录。"),
    ("遗嘱怎样写才有效", "可以自己亲笔书写、签名并注明年月日；拿不准的，可以到公证机构办理。"),
    ("网上买到假货怎么维权", "保留订单、付款和聊天记录，先与商家和平台协商，也可以拨打12315投诉。"),
    ("离职后工资没有结清怎么办", "保留考勤和工资记录，可以向劳动监察部门投诉，或者申请劳动仲裁。"),
    ("邻居占用楼道怎么办", "先由社区和物业劝导；影响消防安全的，可以向消防部门反映。"),
)


def live(
    actor: Actor, geography: Geography, plan: Plan, people: Mapping[str, Person], buildings: Mapping[int, int],
    compounds: Mapping[int, int],
) -> None:  # fmt: skip
    """Everything above, through the services, by a fixed number of calls."""
    random = Random(f"grids {geography.district.code}")
    _lines(actor, geography, plan)
    _forces(actor, geography, plan)
    _difficulties(actor, geography, plan, compounds)
    roster = _professionals(actor, geography, plan)
    add_slots(actor=actor, slots=list(_slots(geography, roster, plan.today)))
    _their_work(actor, roster, plan, random)
    record_visits(actor=actor, visits=list(_visits(geography, plan, people, buildings, random)))


def _lines(actor: Actor, geography: Geography, plan: Plan) -> None:
    for number, place in enumerate([geography.district, *geography.streets]):
        what = "网格化服务管理中心" if number == 0 else "综合治理办公室"
        set_line(
            actor=actor, place_code=place.code, name=f"{place.name}{what}", phone=office_phone(FIRST_PHONE + number),
            hours="工作日 8:30–17:00", valid_from=plan.days_ago(FORCES_SINCE),
        )  # fmt: skip


def _forces(actor: Actor, geography: Geography, plan: Plan) -> None:
    """A police officer for every grid, and one other force."""
    streets = {street.code: street.name.removesuffix("街道") for street in geography.streets}
    since = plan.days_ago(FORCES_SINCE)
    forces = []
    for number, grid in enumerate(geography.grids):
        kind, unit, post = OTHERS[number % len(OTHERS)]
        short, phone = streets[grid.code[:9]], FIRST_PHONE + 100 + int(grid.code[6:9])
        officer = f"{DEMO}警{FIRST[number % len(FIRST)]}"
        forces += [
            NewForce(
                place_code=grid.code, kind="police", unit=f"{DEMO}{short}派出所", name=officer, post="社区民警",
                phone=office_phone(phone), name_public=True, valid_from=since,
            ),
            NewForce(
                place_code=grid.code, kind=kind, unit=f"{DEMO}{short}{unit}", post=post, phone=office_phone(phone + 300),
                valid_from=since,
            ),
        ]  # fmt: skip
    attach_forces(actor=actor, forces=forces)


def _difficulties(actor: Actor, geography: Geography, plan: Plan, compounds: Mapping[int, int]) -> None:
    """One compound in four is harder or easier work than an ordinary one."""
    since = plan.days_ago(FORCES_SINCE)
    chosen = [compound for compound in geography.compounds if compound.number % 4 == 0]
    new = []
    for number, compound in enumerate(chosen):
        factor, reason = DIFFICULTIES[number % len(DIFFICULTIES)]
        new.append(
            NewDifficulty(
                compound_id=compounds[compound.number], factor=factor, reason=reason, valid_from=since
            )
        )
    set_difficulties(actor=actor, difficulties=new)


def _professionals(actor: Actor, geography: Geography, plan: Plan) -> dict[str, list[Professional]]:
    """Four for each community; judge and procurator serve a whole street. By community."""
    streets = {street.code: street.name.removesuffix("街道") for street in geography.streets}
    since = plan.days_ago(ROSTER_SINCE)
    new = []
    for number, community in enumerate(geography.communities):
        for kind, sign, unit in PROFESSIONS:
            shared = kind in ("judge", "procurator")
            at = int(community.code[6:9]) if shared else number
            name = f"{DEMO}{sign}{FIRST[at % len(FIRST)]}{FIRST[at // len(FIRST)]}"
            new.append(
                NewProfessional(
                    place_code=community.code, kind=kind, name=name, unit=f"{DEMO}{streets[community.code[:9]]}{unit}",
                    phone=office_phone(FIRST_PHONE + 800 + int(community.code[6:9])), valid_from=since,
                )
            )  # fmt: skip
    found: dict[str, list[Professional]] = defaultdict(list)
    for row, _outcome in enrol_professionals(actor=actor, professionals=new):
        found[row.place_code].append(row)
    return found


def _slots(geography: Geography, roster: dict[str, list[Professional]], today: dt.date) -> Iterator[NewSlot]:
    """Police officer and lawyer weekly; judge and procurator on one working day of the next weeks."""
    following = [day for n in range(1, 29) if (day := today + dt.timedelta(days=n)).weekday() < 5]
    seen: dict[str, int] = defaultdict(int)
    for number, community in enumerate(geography.communities):
        venue = f"{_short(community)}党群服务中心"
        street = community.code[:9]
        seen[street] += 1
        for person in roster[community.code]:
            early = person.kind in ("judge", "lawyer")
            starts, ends = (dt.time(9), dt.time(11)) if early else (dt.time(14), dt.time(16))
            weekly = person.kind in ("police_officer", "lawyer")
            yield NewSlot(
                professional_id=person.pk, starts=starts, ends=ends, venue=venue, valid_from=today - dt.timedelta(days=90),
                weekday=(number + len(person.kind)) % 5 if weekly else None,
                day=None if weekly else following[seen[street] % len(following)],
            )  # fmt: skip


def _short(community: Outlined) -> str:
    return community.name.removesuffix("居民委员会").removesuffix("居委会")


def _their_work(actor: Actor, roster: dict[str, list[Professional]], plan: Plan, random: Random) -> None:
    visits, questions = [], []
    for people in roster.values():
        for number in range(LEGAL_VISITS_OF_A_COMMUNITY):
            person = people[number % len(people)]
            day = plan.days_ago(3 + int(random.random() * (ROSTER_SINCE - 10)))
            topic = TOPICS[int(random.random() * len(TOPICS))]
            count = 5 + int(random.random() * 50)
            visits.append(NewLegalVisit(professional_id=person.pk, visited_on=day, topic=topic, people=count))
        for number in range(2):
            person = people[-1 - number]
            asked, answer = ANSWERED[int(random.random() * len(ANSWERED))]
            day = plan.days_ago(3 + int(random.random() * 200))
            questions.append(
                NewQuestion(
                    professional_id=person.pk,
                    answered_on=day,
                    question=asked,
                    answer=answer,
                    is_public=number == 0,
                )
            )
    record_legal_visits(actor=actor, visits=visits)
    record_questions(actor=actor, questions=questions)


def _visits(
    geography: Geography,
    plan: Plan,
    people: Mapping[str, Person],
    buildings: Mapping[int, int],
    random: Random,
) -> Iterator[NewVisit]:
    """Some of each grid, by its worker of today, since that worker came, within the last year."""
    workers = {
        place: row for row in plan.appointments if row.post == "grid_worker" and row.end is None for place in row.places
    }  # fmt: skip
    standing: dict[str, list[int]] = defaultdict(list)
    for building in geography.buildings:
        standing[building.grid].append(buildings[building.number])
    kinds = [kind for kind, _name in DUTIES]
    for grid in geography.grids:
        worker = workers.get(grid.code)
        if worker is None:
            continue
        longest = min((plan.today - worker.start).days, 365)
        for _number in range(VISITS_OF_A_GRID):
            kind = kinds[int(random.random() * len(kinds))]
            places, notes = standing[grid.code], NOTES[kind]
            somewhere = (
                places[int(random.random() * len(places))] if places and random.random() < 0.7 else None
            )
            yield NewVisit(
                place_code=grid.code, visited_on=plan.days_ago(int(random.random() * max(longest, 1))), kind=kind,
                note=notes[int(random.random() * len(notes))], building_id=somewhere,
                worker_id=people[worker.person].pk,
            )  # fmt: skip
