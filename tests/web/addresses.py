"""Every address of the platform, filled with records of one community of the demo district."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLResolver, get_resolver

from doorstep.demo.newfield.organisations import credit_code
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.activities.models import Session
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.declarations.registers import register
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.models_deadlines import TimeLimit
from doorstep.kernel.obligations.models import Exemption, Minutes, Rule
from doorstep.kernel.obligations.services_deriving import derive
from doorstep.kernel.obligations.services_exemptions import NewExemption, exempt
from doorstep.kernel.obligations.services_minutes import NewMinutes, record_minutes
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.places.models import Building, Venue
from doorstep.kernel.shared import clock
from doorstep.modules.chain.models import GroupPlan, MemberHousehold
from doorstep.modules.coverage.models import (
    Assistance,
    AssistancePart,
    CommunityPage,
    CoordinationMember,
    Gap,
    Profile,
)
from doorstep.modules.coverage.services import NewOrganisation, record_count, register_organisation
from doorstep.modules.coverage.services_assistance import NewAssistance, begin_assistance
from doorstep.modules.coverage.services_coordination import add_member
from doorstep.modules.coverage.services_gaps import find_gaps
from doorstep.modules.coverage.services_pages import PageWords, write_page
from doorstep.modules.grids.models import GridPlan, StaffPlan, Visit
from doorstep.modules.partnership import (
    services_needs,
    services_projects,
    services_ratings,
    services_resources,
)
from doorstep.modules.partnership.models import (
    Agreement,
    Consultation,
    Deed,
    Nomination,
    Pairing,
    Resolution,
    Topic,
)
from doorstep.modules.partnership.models_lists import Need, Project, Resource, Responsibility
from doorstep.modules.partnership.services import NewAgreement, sign_agreement
from doorstep.modules.requests.models import EventItem
from doorstep.modules.volunteering.models import Credit, Item, Slip, Volunteer
from tests.web import vanguard_rows

COMMUNITY = "210202005011"
GRID = f"{COMMUNITY}001"
NOBODY = "00000000-0000-4000-8000-000000000000"


def routes() -> list[str]:
    """Every pattern of the platform as it is declared, in order."""
    return sorted(set(_below(get_resolver())))


def _below(resolver: Any, before: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        whole = f"{before}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from _below(entry, whole)
        else:
            yield whole


def lay_down_what_is_owed() -> None:
    """Minutes and an exemption of the community's first branch."""
    unit, today, actor = _branch().unit_id, clock.today(), system_actor("tests")
    nine = dt.datetime.combine(today, dt.time(9), clock.DISTRICT_ZONE)
    derive(actor=actor, codes=["assembly"])
    excused = NewExemption(
        code="assembly", unit_id=unit, since=today, until=today + dt.timedelta(days=30), document="演示〔2026〕1号",
        reason="换届",
    )  # fmt: skip
    exempt(actor=actor, new=excused)
    lecture = NewMinutes(
        kind="lecture", unit_id=unit, starts_at=nine, ends_at=nine + dt.timedelta(hours=1), where="演示室", entitled=9, present=9,
        agenda="学习",
    )  # fmt: skip
    record_minutes(actor=actor, new=lecture)


def lay_down_lists() -> None:
    """A need that the resident told and a project of the partner unit, delivered and confirmed, in the community."""
    today, system = clock.today(), system_actor("tests")
    resident, secretary, partner = (
        actor_for(Account.objects.get(username=name)) for name in ("resident", "secretary", "partner")
    )
    unit = next(grant.unit_id for grant in partner.grants if grant.post == "unit_liaison")
    if not Agreement.objects.in_force().filter(unit_id=unit, place_code=COMMUNITY).exists():
        signed = NewAgreement(
            unit_id=unit, place_code=COMMUNITY, valid_from=today, valid_to=today + dt.timedelta(days=300), about="共建",
            document="演示〔2026〕9号",
        )  # fmt: skip
        sign_agreement(actor=system, new=signed)
    wanted = services_needs.Wanted(resource_class="space", people=20)
    needs = [
        services_needs.raise_need(
            actor=resident, new=services_needs.NewNeed(place_code=GRID, title=title, text="", wanted=wanted)
        )
        for title in ("缺排练的地方", "缺下棋的地方")
    ]
    offered = services_resources.ResourceData(unit_id=unit, resource_class="space", name="会议室")
    services_resources.offer(actor=partner, data=offered)
    services_needs.screen(
        actor=secretary, need_id=needs[0].pk, headline="缺排练的地方", about="", note="已列入", wanted=wanted
    )
    agreed = services_projects.ProjectData(
        unit_id=unit, starts_on=today, ends_on=today + dt.timedelta(days=9),
        duties=[services_projects.Duty(unit_id=unit, what="开门", due_on=today)],
    )  # fmt: skip
    project = services_projects.agree_project(actor=secretary, need_id=needs[0].pk, data=agreed)
    services_projects.start(actor=partner, project_id=project.pk)
    services_projects.deliver(actor=partner, project_id=project.pk, note="开了四次", served=20)
    services_projects.confirm(actor=secretary, project_id=project.pk, note="看过")
    services_ratings.issue_slips(actor=secretary, project_id=project.pk, more=1)


def _of_lists() -> dict[str, Any]:
    """Of the four lists: the second need waits to be screened, the first has its project."""
    need = Need.objects.filter(matter__state="collected").order_by("-pk")[0]
    project = Project.objects.order_by("-matter_id")[0]
    of_project = {"pk": project.pk, "act": "stop"}
    duty, row = Responsibility.objects.order_by("-matter_id")[0], Resource.objects.order_by("-pk")[0]
    year = {"year": clock.today().year, "unit_id": project.unit_id}
    code = services_ratings.code_of(project.pk, 1, project.matter.key)
    return {
        "desk/partnership/needs/": {"pk": need.pk, "act": "screen"}, "desk/partnership/projects/": of_project,
        "desk/partnership/duties/": {"pk": duty.pk, "act": "confirm"}, "desk/partnership/resources/": {"pk": row.pk},
        "desk/partnership/year/": year, "partner/needs/": {"pk": project.need_id}, "partner/projects/": of_project | {"act": "start"},
        "partner/duties/": {"pk": duty.pk}, "partner/resources/": {"pk": row.pk}, "partner/year/": year, "needs/": {"pk": project.need_id},
        "rate/": {"pk": project.pk, "slip": 1, "code": code},
    }  # fmt: skip


def _of_partners() -> dict[str, Any]:
    """Of agreements, commissioners, meetings and pairings: what the cast has in hand."""
    agreement = Agreement.objects.order_by("pk")[0]
    coming = Consultation.objects.filter(minutes=None).order_by("pk")[0]
    met = Consultation.objects.filter(minutes__isnull=False).order_by("pk")[0]
    waiting = Nomination.objects.filter(matter__state="recommended").order_by("pk")[0]
    topic, pairing = Topic.objects.filter(state="collected")[0], Pairing.objects.order_by("pk")[0]
    mine = Resolution.objects.filter(unit_id=agreement.unit_id).order_by("pk")[0]
    deed = Deed.objects.filter(confirmed_at=None)[0]
    ours = "desk/partnership/"
    return {
        "notices/commissioners/": {"pk": waiting.pk}, "partner/resolutions/": {"pk": mine.pk, "name": "handle"},
        f"{ours}units/": {"unit_id": agreement.unit_id}, f"{ours}agreements/": {"pk": agreement.pk},
        f"{ours}commissioners/": {"pk": waiting.pk, "name": "withdraw"}, f"{ours}meetings/<int:pk>/resolve": {"pk": met.pk},
        f"{ours}meetings/": {"pk": coming.pk}, f"{ours}topics/": {"pk": topic.pk, "take": "leave"},
        f"{ours}resolutions/": {"pk": mine.pk}, f"{ours}pairings/": {"pk": pairing.pk},
        f"{ours}plan/": {"pk": pairing.items.order_by("-due_on")[0].pk}, f"{ours}deeds/": {"pk": deed.pk, "what": "strike"},
        f"{ours}departments/": {"unit_id": pairing.department_id},
    }  # fmt: skip


def _branch() -> UnitVersion:
    rows = UnitVersion.objects.in_force().filter(kind="grid_party_branch", place_code__startswith=COMMUNITY)
    branch: UnitVersion = rows.order_by("pk")[0]
    return branch


def sample() -> Callable[[str], str]:
    """Fills a pattern in. What it names lies in the community; what this community has none of is number 1."""
    here = {"place_code__startswith": COMMUNITY}
    request = Matter.objects.filter(kind="request", **here).order_by("pk").first()
    whistle = Matter.objects.filter(kind="whistle").order_by("pk").first()
    assert request is not None and whistle is not None
    branch = _branch()
    secretary = Account.objects.get(username="secretary")
    building = Building.objects.filter(**here).order_by("pk").first()
    values: dict[str, Any] = {
        "code": COMMUNITY, "place": COMMUNITY, "building_id": building.pk, "unit_id": branch.unit_id, "number": request.number,
        "person_id": secretary.person_id, "matter_id": request.pk, "key": "chain.branches", "kind": "rename", "act": "rename",
        "form": "json", "name": "accept", "what": "force", "job_id": 1, "token": "none", "pk": 1,
    }  # fmt: skip
    first: dict[str, Any] = _of_activities() | _of_coverage() | _of_lists() | _of_partners() | vanguard_rows.samples() | {
        "desk/appointments/": {"pk": Appointment.objects.in_force().filter(person_id=secretary.person_id).order_by("pk").first().pk},
        "desk/accounts/": {"pk": secretary.pk}, "desk/people/": {"pk": secretary.person_id},
        "desk/chain/buildings/": {"pk": building.pk}, "places/buildings/": {"pk": building.pk},
        "places/venues/": {"pk": Venue.objects.filter(**here).first().pk if Venue.objects.filter(**here).exists() else 1},
        "desk/chain/households/": {"pk": MemberHousehold.objects.filter(**here).first().pk},
        "desk/chain/grids/": {"code": GRID}, "^grids/(?P<code>[0-9]{15})": {"code": GRID}, "places/grids/": {"code": GRID},
        "desk/figures/": {"key": "chain.grid_branches"}, "api/figures/": {"key": "chain.grid_branches"},
        "api/findings/": {"key": "chain.group_without_leader"}, "desk/matters/<str:number>/act/": {"key": "remark"},
        "desk/whistles/<str:number>": {"number": whistle.number}, "desk/jobs/": {"job_id": NOBODY},
        "desk/minutes/": {"pk": Minutes.objects.get(kind="lecture").pk}, "desk/owed/exemptions/": {"pk": Exemption.objects.get().pk},
        "desk/rules/": {"pk": Rule.objects.get(code="assembly").pk},
        "desk/lists/": {"what": "item", "pk": EventItem.objects.first().pk}, "desk/retention/": {"kind": "request"},
        "desk/terms/": {"pk": TimeLimit.objects.first().pk}, "open311/v2/services/": {"code": "env.lamp"},
        "desk/grids/plans/<int:pk>/": {"pk": plan.pk if (plan := GridPlan.objects.first()) else 1, "what": "undo"},
        "desk/chain/group-plans/<int:pk>/": {"pk": GroupPlan.objects.get(place_code=COMMUNITY).pk, "what": "undo"},
        "desk/grids/staffing/<int:pk>/": {"pk": plan.pk if (plan := StaffPlan.objects.first()) else 1, "what": "undo"},
        "desk/grids/visits/": {"pk": Visit.objects.filter(**here).order_by("pk").first().pk},
        "desk/numbers/": {"of": "requests", "key": "call_back.days"},
        "desk/r/<str:key>/record/": {"pk": _branch_record(branch)}, "places/outlines/new/": {"key": "none"},
    }  # fmt: skip

    def fill(route: str) -> str:
        own = values | next((more for start, more in first.items() if route.startswith(start)), {})
        path = re.sub(
            r"\(\?P<(\w+)>[^)]*\)", lambda found: str("csv" if found[1] == "form" else own[found[1]]), route
        )
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(own[found[1]]), path)
        path = path.replace("^", "").replace("$", "").replace("\\", "")
        asks = ("api/figures", "api/findings", "desk/figures", "desk/chain/breaks")
        return f"/{path}" + (f"?place={COMMUNITY}" if path.startswith(asks) else "")

    return fill


def lay_down_coverage() -> None:
    """An organisation of the community without a party organisation, its gap, an assistance, a page, a member of the mechanism."""
    actor, today = system_actor("tests"), clock.today()
    building = Building.objects.filter(place_code__startswith=COMMUNITY).order_by("pk")[0]
    new = NewOrganisation(
        kind="company", name="演示软件公司", credit_code=credit_code(1, "91"), trade="software", address=building.address,
        founded_on=today - dt.timedelta(days=900), longitude=building.longitude, latitude=building.latitude,
    )  # fmt: skip
    row = register_organisation(actor=actor, new=new)
    record_count(actor=actor, organisation_id=row.pk, counted_on=today, staff=20, full=3)
    find_gaps()
    words = PageWords(
        name="演示品牌", problem="难", way="办", effect="好", since_day=today - dt.timedelta(days=90)
    )
    write_page(actor=actor, kind="brand", place_code=COMMUNITY, words=words)
    parts = dict.fromkeys(("leader", "department", "community", "plan"), "演示")
    begin_assistance(
        actor=actor,
        new=NewAssistance(
            place_code=COMMUNITY, starts_on=today, ends_on=today + dt.timedelta(days=90), goal="演示", document="演示〔2026〕1号",
            indicators=("grids.grids",), parts=parts,
        ),
    )  # fmt: skip
    street = (
        UnitVersion.objects.in_force().get(kind="street_working_committee", place_code=COMMUNITY[:9]).unit_id
    )
    add_member(actor=actor, mechanism_id=street, unit_id=street, role="convenor", valid_from=today)


def _of_coverage() -> dict[str, Any]:
    row = Profile.objects.filter(place_code=COMMUNITY).first()
    page, plan = CommunityPage.objects.first(), Assistance.objects.first()
    member, gap = CoordinationMember.objects.first(), Gap.objects.first()
    if row is None or page is None or plan is None or member is None or gap is None:
        return {}
    return {
        "desk/coverage/organisations/": {"pk": row.pk}, "desk/coverage/gaps/": {"pk": gap.pk}, "desk/coverage/members/": {"pk": member.pk},
        "desk/coverage/pages/new/": {"kind": "brand"}, "desk/coverage/pages/<int:pk>/do/": {"pk": page.pk, "act": "submit"},
        "desk/coverage/pages/<int:pk>/say/": {"pk": page.pk, "act": "withdraw"}, "desk/coverage/pages/": {"pk": page.pk},
        "desk/coverage/assistance/": {"pk": plan.pk}, "desk/coverage/parts/": {"pk": AssistancePart.objects.order_by("pk")[0].pk},
        "desk/coverage/coordination/": {"unit_id": member.mechanism_id}, "brands/<int:pk>": {"pk": page.pk},
    }  # fmt: skip


def _of_activities() -> dict[str, Any]:
    """Of volunteering and culture: what the cast has in hand."""
    own = Volunteer.objects.get(person=Account.objects.get(username="resident").person)
    coming = Session.objects.filter(kind="service", state="announced").order_by("-starts_at")[0]
    over = Session.objects.filter(kind="service", state="announced", attendances__isnull=False)[0]
    feast = Session.objects.filter(kind="event")[0]
    item, slip, credit = (
        Item.objects.order_by("pk")[0],
        Slip.objects.get(volunteer=own),
        Credit.objects.order_by("pk")[0],
    )
    team = coming.activity.organiser_id
    came = over.attendances.get().pk
    return {
        "organise/<int:session_id>/correct": {"session_id": over.pk, "attendance_id": came},
        "organise/<int:session_id>/do": {"session_id": over.pk, "what": "confirm"}, "organise/": {"session_id": over.pk},
        "on/": {"session_id": coming.pk}, "volunteer/teams/": {"pk": team}, "mine/appeal/": {"pk": credit.pk},
        "desk/volunteering/volunteers/": {"pk": own.pk}, "desk/volunteering/teams/": {"pk": team},
        "desk/volunteering/": {"pk": 1, "what": "force"}, "shop/<int:pk>": {"pk": item.pk}, "^shop/slips/": {"number": slip.number},
        "^merchant/slips/": {"number": slip.number}, "^desk/redeem/": {"number": slip.number},
        "^desk/slips/": {"number": slip.number}, "desk/programmes/": {"pk": item.programme_id},
        "desk/items/": {"pk": item.pk}, "culture/event/": {"pk": feast.pk},
        "desk/culture/events/": {"pk": feast.activity.cultural_event.pk}, "desk/culture/": {"pk": 1, "what": "series"},
    }  # fmt: skip


def _branch_record(branch: UnitVersion) -> int:
    rows = register("chain.branches").model._default_manager.filter(unit_id=branch.unit_id)
    return int(rows.values_list("pk", flat=True)[0])
