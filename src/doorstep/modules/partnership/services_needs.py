"""Needs: told by residents, units, in office from a request, a meeting or a visit; screened, published, joined with others."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.selectors import visible_matter
from doorstep.kernel.matters.services_links import merge_into, unmerge
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.obligations.models import Minutes
from doorstep.kernel.people.masking import mask_numbers, tells_a_door
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.partnership import rules_lists as rules
from doorstep.modules.partnership.keeping_lists import (
    MOST_PEOPLE,
    agreed_places,
    answering_unit,
    check_class,
    check_community,
    check_number,
    check_times,
    line,
    locked,
)
from doorstep.modules.partnership.models_lists import ORIGINS, Need
from doorstep.modules.partnership.places_lists import middle_of
from doorstep.modules.partnership.policies import acting_units
from doorstep.modules.partnership.selectors_lists import meetings_at
from doorstep.modules.partnership.states_needs import KIND, OPEN

SOURCES = {"forum": "forum", "visit": "patrol", "resident": "phone", "unit": "unit"}  # a request's goes along
LONGEST_ABOUT = 400


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What would meet a need: which class, for how many people, how many units, on which days and hours."""

    resource_class: str
    people: int
    units: int = 1
    since: dt.date | None = None
    until: dt.date | None = None
    weekdays: int = rules.ALL_WEEK
    opens: int = 0
    closes: int = rules.DAY_MINUTES
    minutes: int = 0


@dataclass(frozen=True, kw_only=True)
class NewNeed:
    """A need as it is told. `told`: where it comes from; a request by its number (`origin`), a meeting by its minutes, a unit."""

    place_code: str
    title: str
    text: str
    wanted: Wanted
    told: str = "resident"
    origin: int | str | None = None
    meeting_id: int | None = None
    unit_id: int | None = None
    longitude: float | None = None
    latitude: float | None = None
    key: UUID = field(default_factory=uuid4)


@transaction.atomic
def raise_need(*, actor: Actor, new: NewNeed) -> Need:
    """Tell a need, exactly once for its key. The community answers whether it goes on the list.

    Raises NotAllowed, NotVisible (of what it comes from), or RuleViolation naming the field.
    """
    if new.told not in dict(ORIGINS):
        raise RuleViolation(_("请选需求从哪里来。"), field="told")
    check_community(new.place_code)
    _check_wanted(new.wanted, new.place_code)
    origin, meeting, unit_id = _where_from(actor, new)
    own = new.told in ("resident", "unit")  # who acts for a unit is answered as anybody who tells a need
    spot = (new.longitude, new.latitude)
    if None in spot and origin is not None:
        spot = (origin.longitude, origin.latitude)
    located = None not in spot
    if not located:
        spot = middle_of(new.place_code) or middle_of(new.place_code[:12]) or (None, None)
    opened = matters.open_matter(
        actor=actor,
        new=matters.NewMatter(
            kind=KIND, place_code=new.place_code, title=new.title, text=new.text,
            source=origin.source if origin else SOURCES[new.told],
            reporter_id=actor.person_id if own else origin.reporter_id if origin else None,
            teller_id=actor.person_id, holder_id=answering_unit(new.place_code), longitude=spot[0], latitude=spot[1],
            key=new.key, data={"told": new.told, "resource_class": new.wanted.resource_class},
            confidentiality=Matter.INTERNAL,
        ),
    )  # fmt: skip
    if not opened.is_new:
        return Need.objects.select_related("matter").get(pk=opened.matter.pk)
    need = Need(
        matter=opened.matter, told=new.told, origin_id=origin.pk if origin else None,
        meeting_id=meeting.pk if meeting else None, unit_id=unit_id, located=located,
    )  # fmt: skip
    _fill(need, new.wanted)
    need.save(force_insert=True)
    return need


def _where_from(actor: Actor, new: NewNeed) -> tuple[Matter | None, Minutes | None, int | None]:
    """Raises RuleViolation where what it comes from is not named, NotVisible where it does not exist for the actor."""
    origin, meeting, unit_id = None, None, None
    if new.told not in ("resident", "unit") and not actor.holds(OPEN, new.place_code):
        raise NotAllowed(_("您的岗位不能在这里登记需求。"))
    if new.told == "request":
        if not new.origin:
            raise RuleViolation(_("请填写诉求的编号。"), field="origin")
        origin = visible_matter(actor, new.origin)
        if origin.kind != "request" or not new.place_code.startswith(origin.place_code[:12]):
            raise RuleViolation(_("这个编号不是本社区的诉求。"), field="origin")
        if origin.confidentiality == Matter.SEALED:
            raise RuleViolation(_("只有当事人可见的诉求不能转成需求。"), field="origin")
    if new.told == "forum":
        meeting = _meeting_of(actor, new)
    if new.told == "unit":
        unit_id = new.unit_id
        if unit_id is None or unit_id not in acting_units(actor):
            raise NotVisible(_("没有找到这个单位。"))
        if not rules.covered(new.place_code, agreed_places(unit_id)):
            raise RuleViolation(_("单位只能在有共建协议的社区提出需求。"), field="place_code")
    elif new.told == "resident" and actor.person_id is None:
        raise NotVisible(_("请先登录。"))
    return origin, meeting, unit_id


def _meeting_of(actor: Actor, new: NewNeed) -> Minutes | None:
    """The meeting it came up at; none only where there are no minutes to choose from."""
    if new.meeting_id is None:
        if meetings_at(actor, new.place_code):
            raise RuleViolation(_("请选是哪次会议提出的；没有记录的会议，先登记会议记录。"), field="meeting")
        return None
    meeting = policy_for(Minutes).visible_to(actor).filter(pk=new.meeting_id, cancelled_at=None).first()
    if meeting is None or not new.place_code.startswith(meeting.place_code[:12]):
        raise RuleViolation(_("没有找到这次会议的记录，或者已经作废。"), field="meeting")
    return meeting


def _check_wanted(wanted: Wanted, place_code: str) -> None:
    check_class(wanted.resource_class, place_code)
    check_number(wanted.people, "people", 1, MOST_PEOPLE, _("惠及人数"))
    check_number(wanted.units, "units", 1, 20, _("要几家单位"))
    check_times(wanted.weekdays, wanted.opens, wanted.closes)
    check_number(wanted.minutes, "minutes", 0, wanted.closes - wanted.opens, _("需要的分钟数"))
    if wanted.since and wanted.until:
        if wanted.until < wanted.since:
            raise RuleViolation(_("结束的日期早于开始的日期。"), field="until")
        if not wanted.weekdays & rules.days_between(wanted.since, wanted.until):
            raise RuleViolation(_("这段时间里没有所选的星期几。"), field="weekdays")
    for name in ("since", "until"):
        day = getattr(wanted, name)
        if day is not None and not dt.date(2000, 1, 1) <= day <= dt.date(2100, 12, 31):
            raise RuleViolation(_("日期不对。"), field=name)


def _fill(need: Need, wanted: Wanted) -> None:
    need.resource_class, need.people, need.units = wanted.resource_class, wanted.people, wanted.units
    need.since, need.until, need.weekdays = wanted.since, wanted.until, wanted.weekdays
    need.opens, need.closes, need.minutes_needed = wanted.opens, wanted.closes, wanted.minutes


@transaction.atomic
def screen(
    *, actor: Actor, need_id: int, headline: str, about: str, note: str, wanted: Wanted, publishes: bool = True,
    expected_version: int | None = None,
) -> Need:  # fmt: skip
    """Take a need on the list: what is published of it in words that tell of nobody, what would meet it; the reporter is
    answered by `note`. Raises RuleViolation for numbers of persons in what is published, or what cannot be wanted."""
    need = locked(actor, Need, need_id)
    policy_for(Need).require(actor, "screen", need)
    _check_wanted(wanted, need.matter.place_code)
    need.headline, need.about = public_words(headline, about)
    _fill(need, wanted)
    data = {"resource_class": wanted.resource_class}
    matters.apply_transition(
        actor=actor, matter_id=need.pk, name="screen", inputs=Inputs(note=note, data=data), expected_version=expected_version
    )  # fmt: skip
    need.save()
    return publish(actor=actor, need_id=need.pk) if publishes else _fresh(need)


def public_words(headline: str, about: str) -> tuple[str, str]:
    """What is published, cleaned. Raises RuleViolation for a number of a person."""
    headline = line(headline, "headline", 80, required=True)
    about = line(about, "about", LONGEST_ABOUT)
    for name, text in (("headline", headline), ("about", about)):
        if mask_numbers(text) != text:
            raise RuleViolation(_("发布的内容会给各单位看，请不要写电话、身份证号等号码。"), field=name)
        if tells_a_door(text):
            raise RuleViolation(
                _("发布的内容会给各单位看，请不要写到几单元几号，写到小区或楼栋就够了。"), field=name
            )
    return headline, about


@transaction.atomic
def reword(
    *, actor: Actor, need_id: int, headline: str, about: str, expected_version: int | None = None
) -> Need:
    """Say in other words what units read of a need that is on the list; what would meet it stays as it was agreed. What stood
    there before is not kept: it may have told of somebody."""
    need = locked(actor, Need, need_id)
    policy_for(Need).require(actor, "screen", need)
    if not need.matter.is_open or not need.headline:
        raise RuleViolation(_("这件需求不在清单上，不用改发布的内容。"))
    matters.check_version(need.matter, expected_version)
    need.headline, need.about = public_words(headline, about)
    need.save(update_fields=["headline", "about"])
    record(actor, Act("partnership.need_reworded", need, place_code=need.matter.place_code))
    return _fresh(need)


@transaction.atomic
def publish(*, actor: Actor, need_id: int, expected_version: int | None = None) -> Need:
    """Let units see a screened need and claim it."""
    need = locked(actor, Need, need_id)
    policy_for(Need).require(actor, "screen", need)
    matters.apply_transition(
        actor=actor, matter_id=need.pk, name="publish", expected_version=expected_version,
        inputs=Inputs(data={"resource_class": need.resource_class}),
    )  # fmt: skip
    need.published_on = clock.today()
    need.save(update_fields=["published_on"])
    return _fresh(need)


def decline(*, actor: Actor, need_id: int, note: str, expected_version: int | None = None) -> Matter:
    """Not on the list, with the reason for who told it."""
    return matters.apply_transition(
        actor=actor, matter_id=need_id, name="decline", inputs=Inputs(note=note), expected_version=expected_version
    )  # fmt: skip


def withdraw_need(*, actor: Actor, need_id: int, note: str = "") -> Matter:
    """Who told it takes it back, before a unit claimed it."""
    return matters.apply_transition(actor=actor, matter_id=need_id, name="withdraw", inputs=Inputs(note=note))


@transaction.atomic
def join(*, actor: Actor, need_id: int, main_id: int, reason: str = "") -> Matter:
    """Join a need with another like it; the original stays, and who told it follows the other. Raises RuleViolation for
    one of another community."""
    rows = {
        row.pk: row
        for row in policy_for(Need)
        .visible_to(actor)
        .filter(pk__in=[need_id, main_id])
        .select_related("matter")
    }
    if len(rows) < 2 and need_id != main_id:
        raise NotVisible(_("没有找到这件需求。"))
    if need_id != main_id and rows[need_id].matter.community_code != rows[main_id].matter.community_code:
        raise RuleViolation(_("只能和本社区的需求合并。"), field="main_id")
    return merge_into(actor=actor, matter_id=need_id, main_id=main_id, reason=reason)


@transaction.atomic
def part(*, actor: Actor, need_id: int, reason: str) -> Matter:
    """Take a joined need out again: it is screened anew, and on the list again when it is published anew."""
    matter = unmerge(actor=actor, matter_id=need_id, reason=reason)
    Need.objects.filter(pk=need_id).update(published_on=None)
    return matter


def follow(need_id: int, step: str, *, note: str = "", **data: object) -> None:
    """A step that follows what happened to the need's claims or project; the platform's alone, in the same transaction."""
    matters.apply_transition(
        actor=system_actor("partnership"), matter_id=need_id, name=step, inputs=Inputs(note=note, data=data)
    )


def _fresh(need: Need) -> Need:
    return Need.objects.select_related("matter").get(pk=need.pk)


__all__ = [
    "NewNeed", "Wanted", "decline", "follow", "join", "part", "public_words", "publish", "raise_need", "screen",
    "withdraw_need",
]  # fmt: skip
