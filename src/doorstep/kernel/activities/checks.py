"""What is announced is checked here, in the user's words: texts, hours, places, who organises."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities import rules
from doorstep.kernel.activities.kinds import is_kind
from doorstep.kernel.activities.policies import may_organise
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.places.models import Area, Grid, Venue
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.kernel.shared.place_codes import is_code

LATEST_PAST = dt.timedelta(days=60)  # how long afterwards something may be entered that was never announced
MOST_CAPACITY = 20_000
OLDEST = 120


@dataclass(frozen=True, kw_only=True)
class NewActivity:
    """What is announced. `where`: the place in words; may be left out where a venue is named."""

    kind: str
    place_code: str
    organiser_id: int
    title: str
    where: str = ""
    text: str = ""
    category: str = ""
    venue_id: int | None = None
    phone: str = ""
    least_age: int | None = None
    most_age: int | None = None
    skill: str = ""
    needs_insurance: bool = False
    by_sign_up: bool = True
    is_public: bool = True


@dataclass(frozen=True, kw_only=True)
class NewSession:
    """One time. `closes_at`: sign-up until then; default the beginning."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    capacity: int | None = None
    closes_at: dt.datetime | None = None


def check_text(text: str, field: str, longest: int, empty: str = "") -> str:
    """The text without space around it. Raises RuleViolation; `empty` is what is said where it must not be."""
    text = text.strip()
    if empty and not text:
        raise RuleViolation(empty, field=field)
    if len(text) > longest:
        raise RuleViolation(_("最多 %(n)d 个字。") % {"n": longest}, field=field)
    if any(not sign.isprintable() and sign not in "\n\r\t" for sign in text):
        raise RuleViolation(_("文字里有看不见的字符，请去掉。"), field=field)
    return text


def checked_activity(actor: Actor, new: NewActivity) -> dict[str, object]:
    """The columns of what is announced. Raises NotVisible, NotAllowed or RuleViolation naming the field."""
    if not is_kind(new.kind):
        raise RuleViolation(_("没有“%s”这种活动。") % new.kind[:20], field="kind")
    check_place(new.place_code)
    _check_organiser(actor, new.organiser_id, new.place_code)
    for age, field in ((new.least_age, "least_age"), (new.most_age, "most_age")):
        if age is not None and not 0 <= age <= OLDEST:
            raise RuleViolation(_("年龄应在 0 到 %d 岁之间。") % OLDEST, field=field)
    if new.least_age is not None and new.most_age is not None and new.most_age < new.least_age:
        raise RuleViolation(_("最高年龄不能小于最低年龄。"), field="most_age")
    where = check_text(new.where, "where", 120)
    if new.venue_id is not None:
        name = _venue_name(new.venue_id, new.place_code)
        where = where or name
    elif not where:
        raise RuleViolation(_("请写明在哪里举行。"), field="where")
    return {
        "kind": new.kind, "category": new.category, "place_code": new.place_code, "organiser_id": new.organiser_id,
        "title": check_text(new.title, "title", 80, _("请填写活动名称。")), "where": where,
        "text": check_text(new.text, "text", 2000), "venue_id": new.venue_id,
        "phone": check_text(new.phone, "phone", 40), "least_age": new.least_age, "most_age": new.most_age,
        "skill": new.skill, "needs_insurance": new.needs_insurance, "by_sign_up": new.by_sign_up,
        "is_public": new.is_public,
    }  # fmt: skip


def check_place(place_code: str) -> None:
    """Raises RuleViolation for a code that is no standing area of a street's size or smaller, nor a grid in force."""
    if is_code(place_code) and len(place_code) == 15:
        known = Grid.objects.in_force().filter(code=place_code).exists()
    else:
        known = len(place_code) >= 6 and Area.objects.filter(code=place_code, ended_on=None).exists()
    if not known:
        raise RuleViolation(_("没有代码为 %(code)s 的地方。") % {"code": place_code[:15]}, field="place_code")


def _check_organiser(actor: Actor, unit_id: int, place_code: str) -> None:
    if actor.is_system:
        return
    version = versions_of([unit_id]).get(unit_id)
    if version is None:
        raise NotVisible(_("没有找到组织单位。"), field="organiser")
    if not may_organise(actor, unit_id, place_code):
        if actor.stands_near(place_code):
            raise NotAllowed(_("您不能以这个单位的名义在这里组织活动。"), field="organiser")
        raise NotVisible(_("没有找到这个地方。"), field="place_code")


def _venue_name(venue_id: int, place_code: str) -> str:
    venue = Venue.objects.in_force().filter(pk=venue_id).first()
    if venue is None or venue.place_code[:6] != place_code[:6]:
        raise RuleViolation(_("没有找到这个场所，或者它不在本区。"), field="venue")
    return venue.name


def checked_session(new: NewSession, *, past: bool = False) -> dict[str, object]:
    """The columns of one time. `past`: may lie behind, as far as LATEST_PAST."""
    now = clock.now()
    match rules.hours_fault(new.starts_at, new.ends_at):
        case "order":
            raise RuleViolation(_("结束时间须在开始之后。"), field="ends_at")
        case "long":
            raise RuleViolation(_("一个场次最长 24 小时，更长的请分成几场。"), field="ends_at")
    if new.starts_at < (now - LATEST_PAST if past else now):
        said = (
            _("只能补登 %d 天以内的活动。") % LATEST_PAST.days if past else _("开始时间已经过去，请改时间。")
        )
        raise RuleViolation(said, field="starts_at")
    if new.starts_at.year > now.year + rules.YEARS_AHEAD:
        raise RuleViolation(_("最多提前 %d 年发布。") % rules.YEARS_AHEAD, field="starts_at")
    if new.capacity is not None and not 1 <= new.capacity <= MOST_CAPACITY:
        raise RuleViolation(_("名额应在 1 到 %d 之间，不限名额就空着。") % MOST_CAPACITY, field="capacity")
    closes_at = new.closes_at or new.starts_at
    if closes_at > new.ends_at:
        raise RuleViolation(_("报名截止不能晚于活动结束。"), field="closes_at")
    return {
        "starts_at": new.starts_at, "ends_at": new.ends_at, "day": clock.day_of(new.starts_at),
        "capacity": new.capacity, "closes_at": closes_at,
    }  # fmt: skip
