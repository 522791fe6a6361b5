"""Every address of the platform, filled with records of one community of the demo district."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLResolver, get_resolver

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.activities.models import Session
from doorstep.kernel.authority.models import Account
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
from doorstep.modules.grids.models import GridPlan, StaffPlan, Visit
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
    first: dict[str, Any] = _of_activities() | vanguard_rows.samples() | {
        "desk/appointments/": {"pk": Appointment.objects.in_force().filter(person_id=secretary.person_id).order_by("pk").first().pk},
        "desk/accounts/": {"pk": secretary.pk}, "desk/people/": {"pk": secretary.person_id},
        "desk/chain/buildings/": {"pk": building.pk}, "places/buildings/": {"pk": building.pk},
        "places/venues/": {"pk": Venue.objects.filter(**here).first().pk if Venue.objects.filter(**here).exists() else 1},
        "desk/chain/households/": {"pk": MemberHousehold.objects.filter(**here).first().pk},
        "desk/chain/grids/": {"code": GRID}, "^grids/(?P<code>[0-9]{15})": {"code": GRID}, "places/grids/": {"code": GRID},
        "desk/figures/": {"key": "chain.grid_branches"}, "api/figures/": {"key": "chain.grid_branches"},
        "api/findings/": {"key": "chain.group_without_leader"}, "desk/matters/<str:number>/act/": {"key": "remark"},
        "desk/whistles/<str:number>": {"number": whistle.number}, "desk/jobs/": {"job_id": NOBODY},
        "desk/minutes/": {"pk": Minutes.objects.get().pk}, "desk/owed/exemptions/": {"pk": Exemption.objects.get().pk},
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
