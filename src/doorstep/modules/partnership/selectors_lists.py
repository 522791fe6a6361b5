"""The four lists as pages show them: the board, one need, one project; what is needed near a unit; what a resident told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.wording import clock_words
from doorstep.kernel.obligations.meetings import MEETINGS
from doorstep.kernel.obligations.models import Minutes
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import last_names, versions_of
from doorstep.kernel.places.models import Area
from doorstep.kernel.places.positions import metres_between
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.partnership.keeping_lists import agreed_places, done_by
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.models_lists import (
    LISTS,
    Booking,
    Claim,
    Listed,
    Need,
    Project,
    ProjectUnit,
    Rating,
    Resource,
    Responsibility,
)
from doorstep.modules.partnership.numbers_lists import class_names
from doorstep.modules.partnership.places_lists import above, same_community
from doorstep.modules.partnership.policies import acting_units
from doorstep.modules.partnership.states_needs import VIEW as NEEDS
from doorstep.modules.partnership.states_projects import CONFIRM
from doorstep.modules.partnership.states_projects import VIEW as PROJECTS
from doorstep.modules.partnership.wording_lists import CLAIMABLE, Step, chain_of, times_words

PAGE, MOST_MEETINGS = 30, 50
FAR = 10**9  # metres: where nothing is known
STAGES = [
    ("screen", gettext_lazy("要审核"), ("collected", "screened")), ("open", gettext_lazy("等单位认领"), ("published",)), ("agree", gettext_lazy("要商定"), ("claimed",)),
    ("running", gettext_lazy("在做"), ("agreed", "running")), ("confirm", gettext_lazy("要确认"), ("delivered",)), ("done", gettext_lazy("已确认"), ("confirmed", "rated")),
    ("off", gettext_lazy("不列入或已合并"), ("declined", "joined", "withdrawn")),
]  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A need on the board, with its chain. `clock`: how the time left reads."""

    need: Need
    kind: str
    where: str
    steps: list[Step]
    unit: str
    clock: str
    clock_words: str


@dataclass(frozen=True)
class Stage:
    key: str
    name: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Board:
    """What stands on each list, how many needs wait at each stage, and the needs of one stage, or all that are
    open, the newest first."""

    counts: list[tuple[str, str, int]]
    stages: list[Stage]
    lines: list[Line]
    before: int | None


def board(actor: Actor, place_code: str, chosen: str = "", before: int | None = None) -> Board:
    """Of the needs the reader sees at a place. A handful of queries, whatever their number."""
    seen = policy_for(Need).visible_to(actor).filter(within("matter__place_code", [place_code]))
    by_state = dict(seen.order_by().values_list("matter__state").annotate(Count("pk")))
    stages = [
        Stage(key, str(name), sum(by_state.get(state, 0) for state in states), key == chosen)
        for key, name, states in STAGES
    ]
    states = next((states for key, _name, states in STAGES if key == chosen), None)
    rows = seen.filter(matter__is_open=True) if states is None else seen.filter(matter__state__in=states)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("matter").order_by("-pk")[: PAGE + 1])
    lines = lines_of(found[:PAGE])
    today = clock.today()
    listed = policy_for(Listed).visible_to(actor).filter(within("place_code", [place_code]), since__lte=today)
    standing = listed.filter(Q(until=None) | Q(until__gt=today)).order_by().values_list("on_list")
    numbers = dict(standing.annotate(Count("pk"))) if place_code else {}
    counts = [(code, str(name), numbers.get(code, 0)) for code, name in LISTS]
    return Board(counts, stages, lines, found[PAGE - 1].pk if len(found) > PAGE else None)


def lines_of(needs: Sequence[Need]) -> list[Line]:
    """Three queries."""
    kinds, names = class_names(), place_names(need.matter.place_code for need in needs)
    running = Project.objects.filter(need__in=[need.pk for need in needs], stopped_on=None)
    units = dict(running.values_list("need_id", "unit_id"))
    titles = last_names(units.values())
    found = []
    for need in needs:
        kind, words = clock_words(need.matter)
        found.append(
            Line(
                need, kinds.get(need.resource_class, need.resource_class), names.get(need.matter.place_code[:12], ""),
                chain_of(need), titles.get(units.get(need.pk, 0), ""), kind, words,
            )
        )  # fmt: skip
    return found


def place_names(codes: Iterable[str]) -> dict[str, str]:
    """Community code → name."""
    wanted = {code[:12] for code in codes}
    return dict(Area.objects.filter(code__in=wanted).values_list("code", "name")) if wanted else {}


@dataclass
class NeedPage:
    """One need as the desk shows it."""

    need: Need
    kind: str
    where: str
    steps: list[Step]
    times: str
    unit: str
    claims: list[tuple[Claim, str]]
    project: Project | None
    joined: list[Matter]
    past: list[tuple[Project, str]] = field(default_factory=list)

    @property
    def places_left(self) -> int:
        return max(self.need.units - len(self.claims), 0)


def need_seen(actor: Actor, pk: int) -> Need:
    """For who is in office there: who told it has a page of their own. Raises NotVisible."""
    row: Need | None = (
        policy_for(Need).visible_to(actor).select_related("matter", "origin", "meeting").filter(pk=pk).first()
    )
    if row is None or not actor.holds(NEEDS, row.matter.place_code):
        raise NotVisible(_("没有找到这件需求。"))
    return row


def need_page(need: Need) -> NeedPage:
    claims = list(need.claims.filter(ended_at=None).select_related("resource").order_by("slot"))
    projects = list(need.projects.select_related("matter").order_by("-pk"))
    ids = {claim.unit_id for claim in claims} | {row.unit_id for row in projects}
    names = last_names(ids | ({need.unit_id} if need.unit_id else set()))
    current = next((row for row in projects if row.stopped_on is None), None)
    return NeedPage(
        need, class_names().get(need.resource_class, need.resource_class),
        place_names([need.matter.place_code]).get(need.matter.place_code[:12], ""), chain_of(need),
        when_words(need), names.get(need.unit_id or 0, ""), [(claim, names.get(claim.unit_id, "")) for claim in claims],
        current, list(Matter.objects.filter(main=need.pk).order_by("pk")),
        [(row, names.get(row.unit_id, "")) for row in projects if row.stopped_on is not None],
    )  # fmt: skip


def when_words(need: Need) -> str:
    """From when until when, on which days of the week, how long."""
    parts = []
    if need.since or need.until:
        parts.append(f"{need.since or ''}–{need.until or ''}")
    parts.append(times_words(need.weekdays, need.opens, need.closes))
    if need.minutes_needed:
        parts.append(_("每次 %d 分钟") % need.minutes_needed)
    return " · ".join(parts)


@dataclass(frozen=True)
class DutyLine:
    row: Responsibility
    unit: str
    clock: str
    clock_words: str


@dataclass(frozen=True)
class ProjectPage:
    """One project as the desk, and the unit, see it."""

    project: Project
    where: str
    steps: list[Step]
    unit: str
    others: list[tuple[str, str]]
    duties: list[DutyLine]
    uses: list[tuple[Booking, str]]
    ratings: list[Rating]
    clock: str
    clock_words: str
    done: str

    @property
    def average(self) -> str:
        """Of the grades, to one decimal; "" without any."""
        grades = [row.grade for row in self.ratings]
        return f"{sum(grades) / len(grades):.1f}" if grades else ""


def project_in_office(actor: Actor, pk: int) -> Project:
    """For who is in office there: units have a page of their own. Raises NotVisible."""
    row = project_seen(actor, pk)
    if not actor.holds(PROJECTS, row.place_code):
        raise NotVisible(_("没有找到这个项目。"))
    return row


def project_seen(actor: Actor, pk: int) -> Project:
    """Raises NotVisible."""
    rows = policy_for(Project).visible_to(actor).select_related("matter", "need__matter")
    row: Project | None = rows.filter(pk=pk).first()
    if row is None:
        raise NotVisible(_("没有找到这个项目。"))
    return row


def project_page(project: Project) -> ProjectPage:
    duties = list(project.responsibilities.select_related("matter").order_by("due_on", "pk"))
    uses = list(project.bookings.filter(released_at=None).select_related("resource").order_by("starts_at"))
    others = list(project.others.order_by("pk"))
    ids = {project.unit_id, *(row.unit_id for row in duties), *(row.resource.unit_id for row in uses)}
    names = last_names(ids | {row.unit_id for row in others})
    kind, words = clock_words(project.matter)
    done = (
        project.matter.history.filter(name="deliver")
        .order_by("-number")
        .values_list("note", flat=True)
        .first()
    )
    return ProjectPage(
        project, place_names([project.place_code]).get(project.place_code[:12], ""), chain_of(project.need),
        names.get(project.unit_id, ""), [(names.get(row.unit_id, ""), row.brings) for row in others],
        [DutyLine(row, names.get(row.unit_id, ""), *clock_words(row.matter)) for row in duties],
        [(row, names.get(row.resource.unit_id, "")) for row in uses],
        list(project.ratings.order_by("-at", "-pk")[:200]), kind, words, done or "" if project.delivered_on else "",
    )  # fmt: skip


@dataclass(frozen=True)
class Near:
    """A published need as a unit sees it: what, where, how many places are left. `metres`: from what the unit offers, where both
    positions were told; `beside`: the unit stands in its community."""

    need: Need
    kind: str
    where: str
    times: str
    metres: int | None
    beside: bool
    left: int
    own: bool


def needed_near(actor: Actor, unit_id: int, kind: str = "", most: int = 40) -> list[Near]:
    """What is published where the unit has an agreement and waits for units: its own claims first, then by distance from what
    it offers. Raises NotVisible for another's unit."""
    if unit_id not in acting_units(actor):
        raise NotVisible(_("没有找到这个单位。"))
    rows = Need.objects.filter(
        within("matter__place_code", agreed_places(unit_id)),
        published_on__isnull=False,
        matter__state__in=CLAIMABLE,
    ).exclude(unit_id=unit_id)
    if kind:
        rows = rows.filter(resource_class=kind)
    return near_lines(list(rows.select_related("matter").order_by("-pk")[:300]), unit_id)[:most]


def near_lines(needs: Sequence[Need], unit_id: int) -> list[Near]:
    """Five queries."""
    offered = Resource.objects.in_force().filter(unit_id=unit_id).order_by("-located", "pk")
    home = offered.values_list("longitude", "latitude", "located").first()
    stands = versions_of([unit_id]).get(unit_id)
    taken: dict[int, list[int]] = {}
    for need_id, unit in Claim.objects.filter(need__in=[n.pk for n in needs], ended_at=None).values_list(
        "need_id", "unit_id"
    ):
        taken.setdefault(need_id, []).append(unit)
    kinds, names = class_names(), place_names(need.matter.place_code for need in needs)
    found: list[tuple[int, Near]] = []
    for need in needs:
        left, own = need.units - len(taken.get(need.pk, ())), unit_id in taken.get(need.pk, ())
        if left <= 0 and not own:
            continue
        spot = need.matter
        away = FAR
        if home and spot.longitude is not None and spot.latitude is not None:
            away = round(metres_between(home[:2], (spot.longitude, spot.latitude)))
        told = home is not None and home[2] and need.located and away < FAR
        beside = stands is not None and same_community(stands.place_code, spot.place_code)
        one = Near(
            need, kinds.get(need.resource_class, need.resource_class), names.get(spot.place_code[:12], ""),
            when_words(need), away if told else None, beside, left, own,
        )  # fmt: skip
        found.append((away, one))
    found.sort(key=lambda pair: (not pair[1].own, pair[0], not pair[1].beside, -pair[1].need.pk))
    return [one for _away, one in found]


def near_one(actor: Actor, unit_id: int, pk: int) -> tuple[Near | None, Need]:
    """One published need for a unit, None where others have it now. Raises NotVisible where it is not published to it."""
    if unit_id not in acting_units(actor):
        raise NotVisible(_("没有找到这个单位。"))
    rows = Need.objects.filter(
        within("matter__place_code", agreed_places(unit_id)), published_on__isnull=False, pk=pk
    )
    need = rows.select_related("matter").first()
    if need is None:
        raise NotVisible(_("没有找到这件需求。"))
    if need.matter.state not in CLAIMABLE:
        return None, need
    return next(iter(near_lines([need], unit_id)), None), need


def project_of(actor: Actor, need: Need) -> int | None:
    """The project under way for a need, where a unit that the reader acts for does it or takes part."""
    mine = acting_units(actor)
    rows = Project.objects.filter(
        Q(unit_id__in=mine) | Q(others__unit_id__in=mine), need=need, stopped_on=None
    )
    return rows.values_list("pk", flat=True).first()


def own_units(actor: Actor) -> list[tuple[int, str]]:
    """Units the reader acts for, with an agreement in force; (number, name)."""
    mine = set(acting_units(actor))
    partners = Agreement.objects.in_force().filter(unit_id__in=mine).values_list("unit_id", flat=True)
    names = last_names(set(partners))
    return sorted(names.items(), key=lambda item: (item[1], item[0]))


def of_unit(actor: Actor, unit_id: int) -> dict[str, list[Any]]:
    """What a unit has in hand: claims, projects, responsibilities, resources, needs of its own; the newest first. Raises NotVisible."""
    if unit_id not in acting_units(actor):
        raise NotVisible(_("没有找到这个单位。"))
    claims = Claim.objects.filter(unit_id=unit_id, ended_at=None, need__matter__state__in=CLAIMABLE)
    projects = (
        policy_for(Project)
        .visible_to(actor)
        .filter(Q(unit_id=unit_id) | Q(others__unit_id=unit_id))
        .distinct()
    )
    duties = policy_for(Responsibility).visible_to(actor).filter(unit_id=unit_id, matter__is_open=True)
    return {
        "claims": list(claims.select_related("need__matter").order_by("-pk")[:40]),
        "projects": list(
            projects.select_related("matter", "need__matter").order_by("-agreed_on", "-pk")[:40]
        ),
        "duties": list(duties.select_related("matter", "project__matter").order_by("due_on", "pk")[:40]),
        "resources": list(Resource.objects.in_force().filter(unit_id=unit_id).order_by("pk")[:100]),
        "told": list(Need.objects.filter(unit_id=unit_id).select_related("matter").order_by("-pk")[:20]),
    }


def told_by_me(actor: Actor) -> list[Need]:
    """Needs the reader told, the newest first."""
    if actor.person_id is None:
        return []
    own = Q(matter__reporter_id=actor.person_id, told="resident")
    return list(Need.objects.filter(own).select_related("matter", "matter__main").order_by("-pk")[:50])


def told_one(actor: Actor, pk: int) -> tuple[Need, Need]:
    """One's own need or one of a unit one acts for, and the one it was joined with (itself where it was not). Raises NotVisible."""
    own = Q(matter__reporter_id=actor.person_id or 0) | Q(matter__teller_id=actor.person_id or 0)
    rows = Need.objects.filter(own | Q(unit_id__in=acting_units(actor)), pk=pk)
    need = rows.select_related("matter").first()
    if need is None:
        raise NotVisible(_("没有找到这件需求。"))
    main = need
    if need.matter.main_id is not None:
        main = Need.objects.select_related("matter").get(pk=need.matter.main_id)
    return need, main


def similar_to(actor: Actor, need: Need) -> list[Need]:
    """Open needs of the community that it may be the same as, those of its class first."""
    rows = (
        policy_for(Need)
        .visible_to(actor)
        .filter(matter__community_code=need.matter.community_code, matter__is_open=True, matter__main=None)
    )
    found = rows.exclude(pk=need.pk).select_related("matter").order_by("-pk")[:100]
    return sorted(found, key=lambda row: row.resource_class != need.resource_class)


def partners_of(place_code: str) -> list[tuple[int, str]]:
    """Units with an agreement in force for a community, by name."""
    codes = [place_code[:length] for length in (9, 12) if len(place_code) >= length]
    units = Agreement.objects.in_force().filter(place_code__in=codes).values_list("unit_id", flat=True)
    rows = UnitVersion.objects.in_force().filter(unit_id__in=units).order_by("pinyin", "unit_id")
    return list(rows.values_list("unit_id", "name"))


def resources_serving(place_code: str, kind: str = "") -> list[Resource]:
    """What units with an agreement there offer to a community now, that of a class first."""
    codes = above(place_code)
    partners = Agreement.objects.in_force().filter(place_code__in=codes)
    rows = (
        Resource.objects.in_force()
        .filter(areas__code__in=codes, unit_id__in=partners.values("unit_id"))
        .distinct()
        .order_by("name", "pk")
    )
    return sorted(rows[:500], key=lambda row: row.resource_class != kind)


def meetings_at(actor: Actor, place_code: str) -> list[tuple[int, str]]:
    """Meetings of the last months at a place, of which minutes are kept: where needs come up."""
    since = clock.today() - dt.timedelta(days=120)
    rows = (
        policy_for(Minutes)
        .visible_to(actor)
        .filter(within("place_code", [place_code[:12]]), day__gte=since, cancelled_at=None)
    )
    words = dict(MEETINGS)
    found = list(
        rows.order_by("-day", "-pk").values_list("pk", "day", "kind", "agenda", "unit_id")[:MOST_MEETINGS]
    )
    names = last_names({unit_id for *_rest, unit_id in found})
    return [
        (pk, f"{day} {names.get(unit_id, '')} {words.get(kind, kind)}：{agenda[:30]}")
        for pk, day, kind, agenda, unit_id in found
    ]


def page_of_matter(actor: Actor, matter: Matter) -> str:
    """Where the reader deals with a need, project or responsibility; "" for another matter."""
    if matter.kind == "need":
        in_office = actor.holds(NEEDS, matter.place_code)
        return reverse("partnership:need" if in_office else "partnership:follow", args=[matter.pk])
    if matter.kind not in ("project", "responsibility"):
        return ""
    project: int | None = matter.pk
    if matter.kind == "responsibility":
        project = Responsibility.objects.filter(pk=matter.pk).values_list("project_id", flat=True).first()
    in_office = actor.holds(PROJECTS, matter.place_code)
    return (
        reverse("partnership:project" if in_office else "partnership:unit_project", args=[project])
        if project
        else ""
    )


def unconfirmed(actor: Actor) -> QuerySet[Project]:
    """Delivered and not confirmed, where the reader confirms and neither took part nor reported it, the longest waiting first."""
    own = Q(unit_id__in=[grant.unit_id for grant in actor.grants])
    shares = (
        rows.filter(own, project=OuterRef("pk")).exclude(unit=OuterRef("matter__holder"))
        for rows in (ProjectUnit.objects, Responsibility.objects)
    )
    rows = Project.objects.filter(
        within("place_code", actor.places_for(CONFIRM)),
        delivered_on__isnull=False,
        confirmed_on=None,
        stopped_on=None,
    ).exclude(done_by(actor))
    rows = rows.exclude(own & ~Q(unit_id=F("matter__holder_id")))
    for share in shares:
        rows = rows.exclude(Exists(share))
    return rows.select_related("matter").order_by("delivered_on", "pk")
