"""Gaps in coverage: found by looking, planned by who looks after the place, over when a record covers the organisation."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services import (
    NewMatter,
    apply_transition,
    apply_transitions,
    locked_cases,
    note_cases,
    open_matter,
)
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.coverage import rules
from doorstep.modules.coverage.keeping import checked_text
from doorstep.modules.coverage.models import PLANS, Gap, Profile
from doorstep.modules.coverage.numbers import MEMBERS, number_in_force
from doorstep.modules.coverage.selectors import named, there, with_state
from doorstep.modules.coverage.states import KIND, MOVED

PORTION = 200
_KEYS = UUID("b1d6f7a4-2c0e-4f6b-9c55-7a1f0e3d2b90")  # the space of keys of gaps
PLATFORM = "coverage"
_OPEN, _OVER = ("found", "planned"), ("covered", "lapsed")


@transaction.atomic
def find_gaps() -> int:
    """Open a matter for organisations that nobody covers and that have none, at most a portion, and let those follow the records
    that came or ended meanwhile; gives how many changed. Called by the scheduler, safe at any time and by several at once."""
    today = clock.today()
    rows = with_state(Profile.objects.filter(there(today)), today)
    new = list(rows.filter(state=rules.GAP, gap=None).order_by("pk").values_list("pk", flat=True)[:PORTION])
    locked = Profile.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=new, gap=None)
    opened = _open(list(locked.select_related("unit").order_by("pk")))
    stale = with_state(Profile.objects.filter(gap__isnull=False), today).filter(
        Q(gap__matter__state__in=_OPEN) & (~Q(state=rules.GAP) | ~there(today))
        | Q(gap__matter__state__in=_OVER, state=rules.GAP) & there(today)
        | Q(gap__matter__state="covered") & ~there(today)
    )
    return opened + settle(list(stale.order_by("pk").values_list("pk", flat=True)[:PORTION]))


def _open(rows: list[Profile]) -> int:
    actor = system_actor(PLATFORM)
    names, holders = named(rows), _holders({row.place_code for row in rows})
    for row in rows:
        new = NewMatter(
            kind=KIND, place_code=row.place_code, source="platform", title=(_("%(name)s没有党组织覆盖") % {"name": names.get(row.unit_id, "")})[:80],
            text=_("有党员的须有党组织覆盖，没有党员的须有入企干部（党建指导员）联系。有了真实记录即自动消除。"),
            holder_id=holders.get(row.place_code), key=uuid5(_KEYS, str(row.pk)), data={"organisation": row.pk},
            address=row.address[:120], longitude=row.longitude, latitude=row.latitude,
        )  # fmt: skip
        matter = open_matter(actor=actor, new=new).matter
        Gap.objects.create(matter=matter, organisation=row, place_code=row.place_code)
    return len(rows)


def _holders(places: Iterable[str]) -> dict[str, int]:
    """The party organisation of each community: whose gaps they are."""
    rows = UnitVersion.objects.in_force().filter(
        kind="community_party_organisation", place_code__in=set(places)
    )
    return dict(rows.order_by("-unit_id").values_list("place_code", "unit_id"))


@transaction.atomic
def settle(organisation_ids: Iterable[int]) -> int:
    """Let gaps of these organisations stand where the records are: covered, no longer needed, or open again; gives how many moved.
    Part of every change of counts, coverings and visits; asked again it changes nothing."""
    today, wanted = clock.today(), set(organisation_ids)
    if not wanted:
        return 0
    gaps = Gap.objects.filter(organisation_id__in=wanted).select_related("matter", "organisation__unit")
    states = dict(with_state(Profile.objects.filter(pk__in=wanted), today).values_list("pk", "state"))
    steps: dict[str, list[int]] = defaultdict(list)
    for gap in gaps:
        ended = gap.organisation.unit.ended_on
        gone = ended is not None and ended <= today
        if step := _step(gap.matter.state, states[gap.organisation_id], gone):
            steps[step].append(gap.pk)
    for step, matters in sorted(steps.items()):
        apply_transitions(actor=system_actor(PLATFORM), matter_ids=matters, name=step)
    Gap.objects.filter(pk__in=steps["open_again"]).update(plan="", planned_for=None)
    return sum(len(matters) for matters in steps.values())


def gap_follows(row: Profile) -> None:
    """The organisation stands elsewhere now: its gap goes to who looks after that place, with its plan. Part of that change."""
    gap = Gap.objects.filter(organisation=row).first()
    if gap is None or gap.place_code == row.place_code:
        return
    actor = system_actor(PLATFORM)
    case = locked_cases(actor, [gap.pk])[0]
    moved = {"place_code": [gap.place_code, row.place_code]}
    gap.place_code = case.matter.place_code = row.place_code
    case.matter.holder_id, case.matter.handler_id = _holders([row.place_code]).get(row.place_code), None
    gap.save(update_fields=["place_code"])
    why = _("组织搬到这里：%(address)s") % {"address": row.address}
    note_cases(actor, [case], MOVED, Inputs(internal=why, data=moved), clock.now())


def _step(matter_state: str, state: str, gone: bool) -> str:
    """The platform's step, if the gap does not stand where the records are."""
    if gone:
        return "" if matter_state == "lapsed" else "lapse"
    if state == rules.GAP:
        return "open_again" if matter_state in _OVER else ""
    return "" if matter_state == "covered" else "cover"


@transaction.atomic
def plan_gap(
    *,
    actor: Actor,
    gap_id: int,
    plan: str,
    planned_for: dt.date,
    words: str,
    expected_version: int | None = None,
) -> Gap:
    """Say how a gap will be closed and by which day; said anew, the earlier plan stays in its history.

    Raises RuleViolation for a day that is past or beyond the term, a plan that cannot be, Conflict, NotVisible, NotAllowed.
    """
    seen = policy_for(Gap).visible_to(actor).filter(pk=gap_id).select_related("matter").first()
    if seen is None:
        raise NotVisible(_("没有找到这处空白。"))
    matter: Matter = seen.matter
    if plan not in dict(PLANS):
        raise RuleViolation(_("请选用什么办法。"), field="plan")
    full = with_state(Profile.objects.filter(pk=seen.organisation_id), clock.today()).get().members
    if plan not in rules.plans_for(full, number_in_force(MEMBERS)):
        raise RuleViolation(
            _(
                "登记的正式党员有 %(full)d 名，「%(plan)s」消除不了这处空白。请选别的办法；人数变了，请先登记人数。"
            )
            % {"full": full, "plan": dict(PLANS)[plan]},
            field="plan",
        )
    reason = checked_text(words, "words", _("怎么做"), 500)
    apply_transition(
        actor=actor, matter_id=gap_id, name="plan" if matter.state == "found" else "plan_anew",
        inputs=Inputs(until=planned_for, internal=reason, data={"plan": plan}), expected_version=expected_version,
    )  # fmt: skip
    gap = Gap.objects.select_for_update().get(pk=gap_id)
    before = gap.plan, gap.planned_for
    gap.plan, gap.planned_for = plan, planned_for
    gap.save(update_fields=["plan", "planned_for"])
    changes = {
        "plan": [before[0], plan],
        "planned_for": [before[1].isoformat() if before[1] else None, planned_for.isoformat()],
    }
    record(actor, Act("coverage.gap_planned", gap, gap.place_code, changes))
    return gap
