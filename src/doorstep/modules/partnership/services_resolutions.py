"""What a consultation meeting resolved becomes somebody's responsibility with a clock: done by a unit, confirmed by the committee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.hearers import Told
from doorstep.kernel.matters.messages import announce
from doorstep.kernel.matters.models import Matter, Participation
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.obligations.models import Minutes
from doorstep.kernel.obligations.services_linking import held
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS
from doorstep.modules.partnership import rules
from doorstep.modules.partnership.models import Resolution, Topic
from doorstep.modules.partnership.models_meetings import RESOLUTION_CLASSES
from doorstep.modules.partnership.numbers import majority_on
from doorstep.modules.partnership.selectors import is_partner
from doorstep.modules.partnership.services_meetings import MEETING_KIND
from doorstep.modules.partnership.states_resolutions import OPEN
from doorstep.modules.partnership.texts import plain

KIND = "resolution"
MOST = 30  # resolutions of one meeting
OFFICES = ("residents_committee", "street_office")


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How the members with a vote who came voted, as numbers, never by name."""

    votes_for: int
    against: int = 0
    abstained: int = 0

    def columns(self) -> dict[str, int]:
        """As a row of Resolution keeps it."""
        return {
            "votes_for": self.votes_for,
            "votes_against": self.against,
            "abstained": self.abstained,
        }


@dataclass(frozen=True, kw_only=True)
class NewResolution:
    """What was resolved: who does it, by which votes, how pressing it is (which gives the term), from which topic."""

    title: str
    unit_id: int
    tally: Tally
    text: str = ""
    category: str = "ordinary"
    topic_id: int | None = None
    key: UUID = field(default_factory=uuid4)


@transaction.atomic
def resolve(*, actor: Actor, minutes_id: int, resolutions: Sequence[NewResolution]) -> list[Resolution]:
    """Enter what a meeting resolved, all or none, after what was entered before; each exactly once for its key.

    Raises NotVisible, NotAllowed; RuleViolation for minutes without quorum or cancelled, of another kind of meeting, a unit that is
    neither a partner nor an office of the place, the party organisation itself (which confirms), and what the votes did not carry.
    """
    seen = policy_for(Minutes).visible_to(actor).filter(pk=minutes_id).first()
    if seen is None:
        raise NotVisible(_("没有找到这份会议记录。"))
    held([seen.unit_id])
    minutes = Minutes.objects.get(pk=minutes_id)
    if not actor.holds(OPEN, minutes.place_code):
        raise NotAllowed(_("会议决议由社区党组织登记。"))
    _check_minutes(minutes)
    entered = {
        row.matter.key: row for row in Resolution.objects.filter(minutes=minutes).select_related("matter")
    }
    fresh = [new for new in resolutions if new.key not in entered]
    first = len(entered) + 1
    if first + len(fresh) > MOST + 1:
        raise RuleViolation(_("一次会最多登记 %(n)d 项决议。") % {"n": MOST})
    made = [_enter(actor, minutes, number, new) for number, new in enumerate(fresh, start=first)]
    announce(
        actor,
        [Told(matter=row.matter, key="open", parts=("called",), due_at=row.matter.due_at) for row in made],
    )
    entered |= {row.matter.key: row for row in made}
    return [entered[new.key] for new in resolutions]


def _check_minutes(minutes: Minutes) -> None:
    if minutes.kind != MEETING_KIND:
        raise RuleViolation(_("只有联席会议（协商议事会）的记录可以登记决议。"))
    if minutes.cancelled_at is not None:
        raise RuleViolation(_("这份会议记录已经作废，不能登记决议。"))
    if not minutes.quorate:
        raise RuleViolation(
            _("到会 %(present)d 人，应到 %(entitled)d 人，没有达到规定人数，不能形成决议。请另行开会。")
            % {"present": minutes.present, "entitled": minutes.entitled}
        )


def _check_tally(minutes: Minutes, tally: Tally) -> None:
    share = majority_on(minutes.day)
    match rules.tally_fault(
        tally.votes_for, tally.against, tally.abstained, minutes.present, minutes.entitled, share
    ):
        case "number":
            raise RuleViolation(_("请填写赞成、反对、弃权各多少票。"), field="votes_for")
        case "more":
            raise RuleViolation(
                _("赞成、反对、弃权加起来多于到会的 %(present)d 名有表决权委员，请核对票数。")
                % {"present": minutes.present},
                field="votes_for",
            )
        case "lost":
            raise RuleViolation(
                _("赞成 %(votes)d 票，没有超过应到 %(entitled)d 名有表决权委员的 %(share)s%%，没有通过，不能登记为决议。可以写进会议记录，下次再议。")
                % {"votes": tally.votes_for, "entitled": minutes.entitled, "share": f"{share * 100:g}"},
                field="votes_for", clause=_("票数见规则数值"),
            )  # fmt: skip


def _enter(actor: Actor, minutes: Minutes, number: int, new: NewResolution) -> Resolution:
    check_responsible(new.unit_id, minutes.place_code, minutes.unit_id)
    _check_tally(minutes, new.tally)
    if new.category not in dict(RESOLUTION_CLASSES):
        raise RuleViolation(_("请选决议的缓急。"), field="category")
    if (
        new.topic_id is not None
        and not Topic.objects.filter(pk=new.topic_id, consultation__minutes=minutes).exists()
    ):
        raise RuleViolation(_("这个议题不是这次会上的。"), field="topic")
    opened = matters.open_matter(
        actor=actor,
        new=matters.NewMatter(
            kind=KIND, place_code=minutes.place_code, title=plain(new.title, "title", _("决议"), 80),
            text=plain(new.text, "text", _("说明"), 1000, required=False), source="forum", category=new.category,
            holder_id=minutes.unit_id, teller_id=actor.person_id, key=new.key,
            data={"minutes": minutes.pk, "number": number, "unit": new.unit_id, "votes": list(new.tally.columns().values())},
        ),
    )  # fmt: skip
    Participation.objects.create(
        matter=opened.matter, unit_id=new.unit_id, part=Participation.CALLED, at=opened.matter.opened_at
    )
    return Resolution.objects.create(
        matter=opened.matter, minutes=minutes, topic_id=new.topic_id, unit_id=new.unit_id,
        place_code=minutes.place_code, number=number, **new.tally.columns(),
    )  # fmt: skip


def check_responsible(unit_id: int, place_code: str, committee_id: int) -> None:
    """Raises RuleViolation unless the unit is a partner of the community today, or an office that serves it."""
    if unit_id == committee_id:
        raise RuleViolation(
            _("社区党组织负责确认，不能自己做责任单位；请选居委会或者共建单位。"), field="unit"
        )
    version: UnitVersion | None = versions_of([unit_id]).get(unit_id)
    if version is None:
        raise RuleViolation(_("没有找到责任单位。"), field="unit")
    office = version.kind in OFFICES and version.place_code in (place_code, place_code[: LENGTHS["street"]])
    if not office and not is_partner(unit_id, place_code):
        raise RuleViolation(
            _("%(unit)s与这里没有共建协议，不能作为责任单位。") % {"unit": version.name}, field="unit"
        )


@transaction.atomic
def assign(
    *, actor: Actor, matter_id: int, unit_id: int, note: str = "", expected_version: int | None = None
) -> Resolution:
    """Find another unit for what its unit left undone; its clock begins anew."""
    row = _locked(actor, matter_id)
    matters.check_version(row.matter, expected_version)
    check_responsible(unit_id, row.place_code, row.minutes.unit_id)
    Participation.objects.filter(matter_id=matter_id, unit_id=row.unit_id).update(
        unit_id=unit_id, at=clock.now()
    )
    matters.apply_transition(
        actor=actor,
        matter_id=matter_id,
        name="assign",
        inputs=Inputs(note=note, data={"responsible": unit_id}),
    )
    row.unit_id = unit_id
    row.save(update_fields=["unit"])
    return row


def _locked(actor: Actor, matter_id: int) -> Resolution:
    seen = policy_for(Resolution).visible_to(actor).filter(pk=matter_id)
    if not seen.exists():
        raise NotVisible(_("没有找到这项决议。"))
    return (
        Resolution.objects.select_for_update(of=("self",))
        .select_related("matter", "minutes")
        .get(pk=matter_id)
    )


def annul_with(actor: Actor, minutes: Minutes) -> None:
    """What was resolved by a meeting whose minutes are cancelled is void; what was kept already stays as it was done."""
    open_ = Matter.objects.filter(resolution__minutes=minutes, is_open=True).values_list("pk", flat=True)
    ids = sorted(open_)
    if ids:
        matters.apply_transitions(
            actor=system_actor("partnership.annul"), matter_ids=ids, name="annul",
            inputs=Inputs(internal=_("会议记录作废：%(reason)s") % {"reason": minutes.reason}),
        )  # fmt: skip
