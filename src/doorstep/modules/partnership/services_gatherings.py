"""Joint activities of a community and its partners: announced by the kernel's rules; held and confirmed, they prove what the community
owes of activities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.activities.checks import NewActivity, NewSession
from doorstep.kernel.activities.models import CONFIRMED, Session
from doorstep.kernel.activities.services import announce
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.obligations.models import Proof
from doorstep.kernel.obligations.services_linking import held, link_anew, withdraw
from doorstep.kernel.obligations.services_supervision import settle
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS
from doorstep.modules.partnership.activity_kind import CATEGORIES, JOINT
from doorstep.modules.partnership.models import Gathering
from doorstep.modules.partnership.models_meetings import Held
from doorstep.modules.partnership.policies import KEEP
from doorstep.modules.partnership.proofs import JOINT_ACTIVITY
from doorstep.modules.partnership.selectors import COMMUNITY, partners_at

PORTION = 200


@dataclass(frozen=True, kw_only=True)
class NewGathering:
    """A joint activity (kind "joint") with its times, and the partner units that take part."""

    activity: NewActivity
    sessions: Sequence[NewSession]
    unit_ids: tuple[int, ...]


@transaction.atomic
def plan_gathering(*, actor: Actor, new: NewGathering, key: UUID) -> Gathering:
    """Announce a joint activity. The same `key` again gives the first one. Raises Refused naming the field."""
    require_place(actor, KEEP, new.activity.place_code)
    if new.activity.kind != JOINT:
        raise ValueError(f"a joint activity is an activity of kind {JOINT}")
    if new.activity.category not in dict(CATEGORIES):
        raise RuleViolation(_("请选活动的类别。"), field="category")
    partners = set(partners_at(new.activity.place_code).values_list("unit_id", flat=True))
    if not new.unit_ids or not partners.issuperset(new.unit_ids):
        raise RuleViolation(_("请选至少一个在这里有共建协议的单位一起办。"), field="units")
    activity = announce(actor=actor, new=new.activity, sessions=new.sessions, key=key)
    known = Gathering.objects.filter(activity=activity).first()
    if known is not None:
        return known
    made = Gathering.objects.create(activity=activity, place_code=activity.place_code)
    made.units.set(new.unit_ids)
    act = Act("partnership.gathering_planned", made, made.place_code, {"units": [None, sorted(new.unit_ids)]})
    record(actor, act)
    return made


def prove_held() -> int:
    """Let confirmed sessions stand as proof, also those confirmed anew, and take back those whose confirmation was taken back; gives how many. Called by the
    scheduler and right after a session is confirmed; safe at any time, and by several at once."""
    return _prove_new() + _withdraw_old()


@transaction.atomic
def _prove_new() -> int:
    unproved = Q(held_jointly=None) | Q(held_jointly__proof__withdrawn_at__isnull=False)
    rows = list(
        Session.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(unproved, kind=JOINT, state=CONFIRMED)
        .annotate(owing_id=_owing())
        .filter(owing_id__isnull=False)
        .order_by("pk")[:PORTION]
    )
    made: list[Held] = []
    for row in rows:
        code = row.place_code[: LENGTHS["community"]]
        proof = Proof.objects.create(kind=JOINT_ACTIVITY, unit_id=row.owing_id, place_code=code, day=row.day)
        given = {"proof": proof, "place_code": code}
        made.append(Held.objects.update_or_create(session=row, defaults=given)[0])
    _link({row.owing_id for row in rows})
    record_many(
        system_actor("partnership.held"), [Act("partnership.held", row, row.place_code) for row in made]
    )
    return len(made)


def _owing() -> Subquery:
    """The party organisation that a session's community had on its day; none for what a street or the district held."""
    units = UnitVersion.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=OuterRef("day")), valid_from__lte=OuterRef("day"), kind=COMMUNITY,
        place_code=Left(OuterRef("place_code"), LENGTHS["community"]),
    )  # fmt: skip
    return Subquery(units.order_by("unit_id").values("unit_id")[:1])


@transaction.atomic
def _withdraw_old() -> int:
    rows = list(
        Held.objects.select_for_update(of=("self",))
        .filter(proof__withdrawn_at=None)
        .exclude(session__state=CONFIRMED)
        .select_related("proof")[:PORTION]
    )
    for row in rows:
        withdraw(row.proof)
    _link({row.proof.unit_id for row in rows})
    return len(rows)


def _link(units: set[int]) -> None:
    if units:
        held(units)
        settle(link_anew(units, [JOINT_ACTIVITY]))
