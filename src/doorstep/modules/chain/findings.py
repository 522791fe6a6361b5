"""Breaks in the chain, computed live from the records; each with its clause, its place, since when, and where to mend.

Every rows() is a queryset over small tables; the one that SQL cannot answer (neighbourhood of buildings) computes ids
first. A departure with an approval in force is no break.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    F,
    Func,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, StrIndex
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.findings import Finding, declare
from doorstep.kernel.organisations.models import Appointment, Unit, UnitVersion
from doorstep.kernel.places.models import Area, BuildingPlacement, Grid
from doorstep.kernel.shared.dated import in_force
from doorstep.modules.chain.models import (
    Approval,
    BranchGrid,
    Form,
    GroupBuilding,
    MemberCount,
    MemberHousehold,
    RuleValue,
    Term,
)
from doorstep.modules.chain.selectors import (
    BRANCH,
    COMMUNITY,
    GROUP,
    KINDS,
    LEADER,
    alive,
    households_on,
    latest_count,
    scattered_groups,
)

Rows = QuerySet[Any]
Text = str | Promise
CHAIN = _("健全“社区党组织—网格党支部—楼栋党小组—党员中心户”四级链条")
ADJACENT = _("楼栋相邻、便于管理")


def number(key: str, on: dt.date) -> Cast:
    """A value of the rule set as an expression, so that a finding stays one statement."""
    values = RuleValue.objects.in_force(on).filter(key=key).values("value")
    return Cast(Subquery(values), IntegerField())


class DaysBefore(Func):
    """A date less a number of days."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = DateField()


def _as_value(on: dt.date) -> Any:
    """A day inside an expression; the blank that stands for one is an expression already."""
    return Value(on, DateField()) if isinstance(on, dt.date) else on


def unapproved(on: dt.date, *rules: str) -> Q:
    """The unit has no approval in force for any of these rules."""
    return Q(~Exists(Approval.objects.in_force(on).filter(unit=OuterRef("unit_id"), rule__in=rules)))


# Grids and branches.


def _covered(on: dt.date) -> QuerySet[BranchGrid]:
    """Coverage in force by branches that exist on the day."""
    return BranchGrid.objects.in_force(on).filter(in_force(on, "branch__versions__"))


def grids_uncovered(on: dt.date) -> Rows:
    last = (
        BranchGrid.objects.filter(grid=OuterRef("pk"), valid_to__lte=on)
        .order_by()
        .values("grid")
        .annotate(last=Max("valid_to"))
    )
    covered = _covered(on).filter(grid=OuterRef("pk"))
    return (
        Grid.objects.in_force(on)
        .filter(~Exists(covered))
        .annotate(since=Greatest("valid_from", Coalesce(Subquery(last.values("last")), F("valid_from"))))
    )


def branches_without_grid(on: dt.date) -> Rows:
    grids = BranchGrid.objects.in_force(on).filter(branch=OuterRef("unit_id")).filter(in_force(on, "grid__"))
    ended = BranchGrid.objects.filter(branch=OuterRef("unit_id"), valid_to__lte=on).order_by("-valid_to")
    return alive(BRANCH, on).filter(~Exists(grids)).annotate(
        since=Coalesce(Subquery(ended.values("valid_to")[:1]), F("valid_from"))
    )  # fmt: skip


def branches_detached(on: dt.date) -> Rows:
    """Under no community organisation, or under that of another community than the one they stand in."""
    above = (
        alive(COMMUNITY, on)
        .filter(unit=OuterRef("superior_id"))
        .annotate(at=StrIndex(OuterRef("place_code"), F("place_code")))
    )
    return alive(BRANCH, on).filter(~Exists(above.filter(at=1))).annotate(since=F("valid_from"))


def communities_without_organisation(on: dt.date) -> Rows:
    """Communities with grids and no organisation: since its last one ended or moved away, or since the first grid."""
    grids = Grid.objects.in_force(on).filter(community=OuterRef("code")).order_by("valid_from")
    here = UnitVersion.objects.filter(kind=COMMUNITY, place_code=OuterRef("code"))
    left = here.filter(valid_to__lte=on).order_by("-valid_to")
    gridded = Grid.objects.in_force(on).values("community")
    organised = alive(COMMUNITY, on).filter(place_code=OuterRef("code"))
    return Area.objects.filter(~Exists(organised), code__in=gridded, ended_on=None).annotate(
        since=Greatest(Subquery(grids.values("valid_from")[:1]), Subquery(left.values("valid_to")[:1]))
    )


# Members and forms.


def _counted(rows: Rows, on: dt.date) -> Rows:
    counts = MemberCount.objects.filter(unit=OuterRef("unit_id"), counted_on__lte=on).order_by("-counted_on")
    form = Form.objects.in_force(on).filter(unit=OuterRef("unit_id"))
    return rows.annotate(
        full=latest_count("unit_id", on, "full"),
        members=Subquery(counts.annotate(all=F("full") + F("probationary")).values("all")[:1]),
        since=latest_count("unit_id", on, "counted_on"),
        form=Subquery(form.values("form")[:1]),
    )


def branches_below_three(on: dt.date) -> Rows:
    rows = _counted(alive(BRANCH, on), on).filter(full__lt=number("branch.full_min", on))
    return rows.filter(~Q(form="joint_branch") | Q(form=None), unapproved(on, "branch.full_min"))


def branches_above_fifty(on: dt.date) -> Rows:
    rows = _counted(alive(BRANCH, on), on).filter(members__gt=number("branch.members_max", on))
    return rows.filter(unapproved(on, "branch.members_max"))


def organisations_unfit(on: dt.date) -> Rows:
    """Community organisations whose form their member count would not give."""
    few, many = number("general_branch.members_min", on), number("party_committee.members_min", on)
    top = number("branch.members_max", on)
    unfit = (
        (Q(form="general_branch") & Q(members__lt=few) & unapproved(on, "general_branch.members_min"))
        | (Q(form="general_branch") & Q(members__gte=many) & unapproved(on, "general_branch.members_below"))
        | (Q(form="party_committee") & Q(members__lt=many) & unapproved(on, "party_committee.members_min"))
        | (Q(form__in=["branch", "joint_branch"]) & Q(members__gt=top) & unapproved(on, "branch.members_max"))
        | (Q(form="branch") & Q(full__lt=number("branch.full_min", on)) & unapproved(on, "branch.full_min"))
    )
    return _counted(alive(COMMUNITY, on), on).filter(unfit)


def branches_uncounted(on: dt.date) -> Rows:
    oldest = DaysBefore(_as_value(on), number("member_count.fresh_days", on))
    rows = alive(BRANCH, on).annotate(counted=latest_count("unit_id", on, "counted_on"))
    return rows.filter(Q(counted=None) | Q(counted__lt=oldest)).annotate(
        since=Coalesce("counted", "valid_from")
    )


def groups_too_few(on: dt.date) -> Rows:
    rows = _counted(alive(GROUP, on), on)
    members, full = number("group.members_min", on), number("group.full_min", on)
    return rows.filter(
        (Q(members__lt=members) & unapproved(on, "group.members_min"))
        | (Q(full__lt=full) & unapproved(on, "group.full_min"))
    )


def _bound(key: str, on: dt.date, at: int) -> Cast:
    """The lower (0) or upper (1) bound of a pair of numbers of the rule set."""
    values = RuleValue.objects.in_force(on).filter(key=key).values(f"value__{at}")
    return Cast(Subquery(values), IntegerField())


def _outside_bounds(form: str, on: dt.date) -> Q:
    """A committee smaller or larger than this form of organisation has."""
    key = f"{form}.committee_size"
    outside = Q(size__lt=_bound(key, on, 0)) | Q(size__gt=_bound(key, on, 1))
    return Q(form=form) & outside & unapproved(on, key)


def committees_unfit(on: dt.date) -> Rows:
    """Community organisations and branches whose running term has a committee of no fitting size, by their form."""
    form = Form.objects.in_force(on).filter(unit=OuterRef("unit_id"))
    branch = Q(form=None) | Q(form__in=("branch", "joint_branch"))
    low, high = number("branch.committee_min", on), number("branch.committee_max", on)
    none = Q(size=0, full__gte=number("branch.committee_from", on)) & unapproved(on, "branch.committee_from")
    sized = Q(size__gt=0) & (Q(size__lt=low) | Q(size__gt=high)) & unapproved(on, "branch.committee_min")
    unfit = (
        (branch & (none | sized))
        | _outside_bounds("general_branch", on)
        | _outside_bounds("party_committee", on)
    )
    termed = UnitVersion.objects.in_force(on).filter(
        in_force(on, "unit__terms__"), kind__in=(COMMUNITY, BRANCH)
    )
    begun = Greatest(F("unit__terms__valid_from"), Subquery(form.values("valid_from")[:1]))
    # one term at a time: the join finds it once, where a subquery would be asked at each mention of its size
    return _counted(termed.annotate(size=F("unit__terms__committee_size")), on).filter(unfit).annotate(
        since=Case(When(branch & Q(size=0), then=Greatest(begun, "since")), default=begun)
    )  # fmt: skip


# Post-holders and terms.


def without_leader(kind: str) -> Callable[[dt.date], Rows]:
    """Units of the kind in which nobody holds the leading post, not even a substitute."""

    def rows(on: dt.date) -> Rows:
        holding = Appointment.objects.in_force(on).filter(unit=OuterRef("unit_id"), post=LEADER[kind])
        left = Appointment.objects.filter(unit=OuterRef("unit_id"), post=LEADER[kind], valid_to__lte=on)
        founded = Unit.objects.filter(pk=OuterRef("unit_id")).values("founded_on")
        return (
            alive(kind, on)
            .filter(~Exists(holding))
            .annotate(
                since=Coalesce(Subquery(left.order_by("-valid_to").values("valid_to")[:1]), Subquery(founded))
            )
        )

    return rows


def two_holders(on: dt.date) -> Rows:
    """Units whose leading post two people act in at once.

    The database keeps principals single; it cannot see a substitute for somebody who has left while a new holder is
    in post, a substitute for another post or unit, or a row that was not marked sole.
    """
    # sets of units, not EXISTS per unit: the same question asked of every unit takes a second in a district
    leading = Appointment.objects.in_force(on).filter(post__in=LEADER.values())
    crowded = (
        leading.values("unit", "post")
        .annotate(principals=Count("pk", filter=Q(substitute_for=None)), substitutes=Count("substitute_for"))
        .filter(Q(principals__gt=1) | Q(substitutes__gt=1))
    )
    another = leading.filter(unit=OuterRef("unit"), post=OuterRef("post"), substitute_for=None)
    stale = leading.filter(
        Exists(another.exclude(pk=OuterRef("substitute_for_id"))), substitute_for__isnull=False
    )
    doubled = Q(unit__in=crowded.values("unit")) | Q(unit__in=stale.values("unit"))
    latest = leading.filter(unit=OuterRef("unit_id")).order_by("-valid_from").values("valid_from")[:1]
    return UnitVersion.objects.in_force(on).filter(doubled, kind__in=KINDS).annotate(since=Subquery(latest))


def _termed(on: dt.date) -> Rows:
    running = Term.objects.in_force(on).filter(unit=OuterRef("unit_id"))
    over = Term.objects.filter(unit=OuterRef("unit_id"), valid_to__lte=on).order_by("-valid_to")
    return UnitVersion.objects.in_force(on).filter(kind__in=(COMMUNITY, BRANCH)).annotate(
        ends=Subquery(running.values("valid_to")[:1]), ended=Subquery(over.values("valid_to")[:1]),
        termed=Exists(running),
    )  # fmt: skip


def terms_expired(on: dt.date) -> Rows:
    return _termed(on).filter(termed=False, ended__isnull=False).annotate(since=F("ended"))


def terms_due(on: dt.date) -> Rows:
    """Terms in their first warning stage or a later one; the stages go from the longest down."""
    stages = RuleValue.objects.in_force(on).filter(key="term.warn_days").values("value__0")
    since = DaysBefore(F("ends"), Cast(Subquery(stages), IntegerField()))
    return _termed(on).filter(termed=True).annotate(since=since).filter(since__lte=on)


def terms_missing(on: dt.date) -> Rows:
    founded = Unit.objects.filter(pk=OuterRef("unit_id")).values("founded_on")
    return _termed(on).filter(termed=False, ended=None).annotate(since=Subquery(founded))


# Groups, buildings and households.


def groups_scattered(on: dt.date) -> Rows:
    found = scattered_groups(on)
    began = GroupBuilding.objects.in_force(on).filter(group=OuterRef("unit_id")).order_by("-valid_from")
    return (
        alive(GROUP, on)
        .filter(unapproved(on, "group.adjacent_metres"), unit_id__in=found)
        .annotate(since=Subquery(began.values("valid_from")[:1]))
    )


def groups_outside_branch(on: dt.date) -> Rows:
    inside = BranchGrid.objects.in_force(on).filter(
        # One call, one join: the placement in force must be this building's own.
        in_force(on, "grid__placements__"),
        branch=OuterRef(OuterRef("superior_id")),
        grid__placements__building=OuterRef("building_id"),
    )
    outside = GroupBuilding.objects.in_force(on).filter(~Exists(inside), group=OuterRef("unit_id"))
    placed = (
        BuildingPlacement.objects.in_force(on)
        .filter(building__covering_groups__group=OuterRef("unit_id"))
        .order_by("-valid_from")
    )
    return (
        alive(GROUP, on)
        .filter(Exists(outside), unapproved(on, "group.in_branch"))
        .filter(Exists(alive(BRANCH, on).filter(unit=OuterRef("superior_id"))))
        .annotate(since=Greatest("valid_from", Subquery(placed.values("valid_from")[:1])))
    )


def groups_detached(on: dt.date) -> Rows:
    above = alive(BRANCH, on).filter(unit=OuterRef("superior_id"))
    return alive(GROUP, on).filter(~Exists(above)).annotate(since=F("valid_from"))


def groups_without_building(on: dt.date) -> Rows:
    covered = GroupBuilding.objects.in_force(on).filter(group=OuterRef("unit_id"))
    ended = GroupBuilding.objects.filter(group=OuterRef("unit_id"), valid_to__lte=on).order_by("-valid_to")
    return alive(GROUP, on).filter(~Exists(covered)).annotate(
        since=Coalesce(Subquery(ended.values("valid_to")[:1]), F("valid_from"))
    )  # fmt: skip


def households_without_group(on: dt.date) -> Rows:
    covered = GroupBuilding.objects.in_force(on).filter(building=OuterRef("building"))
    covered = covered.filter(in_force(on, "group__versions__"))
    ended = GroupBuilding.objects.filter(building=OuterRef("building"), valid_to__lte=on).order_by(
        "-valid_to"
    )
    return (
        households_on(on)
        .filter(~Exists(covered))
        .select_related("building")
        .annotate(
            since=Greatest("valid_from", Coalesce(Subquery(ended.values("valid_to")[:1]), F("valid_from")))
        )
    )


def communities_without_household(on: dt.date) -> Rows:
    households = MemberHousehold.objects.in_force(on).filter(place_code__startswith=OuterRef("place_code"))
    ended = MemberHousehold.objects.filter(
        place_code__startswith=OuterRef("place_code"), valid_to__lte=on
    ).order_by("-valid_to")
    return alive(COMMUNITY, on).filter(~Exists(households)).annotate(
        since=Coalesce(Subquery(ended.values("valid_to")[:1]), F("valid_from"))
    )  # fmt: skip


# Declarations.


def _name(row: Any) -> str:
    return str(row.name)


def _household(row: MemberHousehold) -> str:
    return f"{row.building.name} {row.door}".strip()


def _since(row: Any) -> dt.date | None:
    return getattr(row, "since", None)


def _page(route: str, field: str = "unit_id") -> Callable[[Any], str]:
    return lambda row: reverse(f"chain:{route}", args=[getattr(row, field)])


def founding_page(community: str) -> str:
    """Where the community's Party organisation is founded: the page for units of every kind, else the community's own."""
    try:
        return f"{reverse('desk:unit_found')}?kind={COMMUNITY}&place={community}"
    except NoReverseMatch:
        return reverse("chain:place", args=[community])


def _adjust(kind: str) -> Callable[[Any], str]:
    return lambda row: reverse("chain:adjust", args=[row.unit_id, kind])


def _found(
    key: str,
    name: Text,
    clause: Text,
    rows: Callable[[dt.date], Rows],
    mend: Callable[[Any], str],
    *,
    subject: Callable[[Any], str] = _name,
    place_field: str = "place_code",
    coarse_field: str = "",
    severity: str = "warning",
) -> Finding:
    return Finding(
        key=f"chain.{key}", name=name, clause=clause, rows=rows, subject=subject, mend=mend, since=_since,
        place_field=place_field, coarse_field=coarse_field, severity=severity,
    )  # fmt: skip


SIZE = _("《中国共产党支部工作条例（试行）》第二章")
COMMITTEE = _("《中国共产党支部工作条例（试行）》第六章")
PRACTICE = _("通行做法，以上级批准为准")

declare(
    _found(
        "grid_uncovered", _("网格没有党支部覆盖"), CHAIN, grids_uncovered,
        lambda row: reverse("chain:cover_grid", args=[row.code]), place_field="code", severity="serious",
    ),
    _found("branch_without_grid", _("党支部没有网格"), CHAIN, branches_without_grid, _adjust("grids")),
    _found("branch_detached", _("党支部不在所属社区党组织之下"), CHAIN, branches_detached, _adjust("move")),
    _found(
        "community_without_organisation", _("社区没有党组织"), CHAIN, communities_without_organisation,
        lambda row: founding_page(row.code), place_field="code", severity="serious",
    ),
    _found("branch_below_three", _("党支部正式党员不足三人"), SIZE, branches_below_three, _page("choose")),
    _found("branch_above_fifty", _("党支部党员超过五十人"), SIZE, branches_above_fifty, _page("choose")),
    _found("form_unfit", _("组织形式与党员人数不符"), PRACTICE, organisations_unfit, _page("form")),
    _found(
        "branch_uncounted", _("党员人数一年没有统计"), _("党员人数至少每年统计一次（本平台约定）"), branches_uncounted,
        _page("count"),
    ),
    _found("committee_unfit", _("委员会人数不合规定"), COMMITTEE, committees_unfit, _page("term")),
    _found(
        "organisation_without_secretary", _("社区党组织没有书记"), COMMITTEE, without_leader(COMMUNITY),
        _page("appoint"), severity="serious",
    ),
    _found(
        "branch_without_secretary", _("党支部没有书记"), COMMITTEE, without_leader(BRANCH), _page("appoint"),
        severity="serious",
    ),
    _found("group_without_leader", _("楼栋党小组没有组长"), COMMITTEE, without_leader(GROUP), _page("appoint")),
    _found(
        "two_holders", _("一个职务有两人在任"), _("每个党组织设书记1名，党小组设组长1名"), two_holders,
        _page("unit"), severity="serious",
    ),
    _found("term_expired", _("任期届满没有换届"), COMMITTEE, terms_expired, _page("term"), severity="serious"),
    _found("term_due", _("任期将满"), COMMITTEE, terms_due, _page("term")),
    _found("term_missing", _("没有登记任期"), COMMITTEE, terms_missing, _page("term")),
    _found("group_scattered", _("小组楼栋不相邻"), ADJACENT, groups_scattered, _adjust("buildings")),
    _found("group_outside_branch", _("小组楼栋不在支部网格内"), CHAIN, groups_outside_branch, _adjust("buildings")),
    _found("group_detached", _("小组没有所属党支部"), CHAIN, groups_detached, _adjust("move")),
    _found("group_without_building", _("小组没有楼栋"), ADJACENT, groups_without_building, _adjust("buildings")),
    _found("group_too_few", _("小组党员人数不足"), PRACTICE, groups_too_few, _page("count")),
    _found(
        "household_without_group", _("党员中心户不在任何小组"), CHAIN, households_without_group,
        lambda row: reverse("chain:cover_building", args=[row.building_id]), subject=_household, place_field="stood_in",
        coarse_field="place_code",
    ),
    _found(
        "community_without_household", _("社区没有党员中心户"), CHAIN, communities_without_household,
        lambda row: f"{reverse('chain:designate')}?place={row.place_code}",
    ),
)  # fmt: skip
