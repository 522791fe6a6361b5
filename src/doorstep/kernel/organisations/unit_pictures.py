"""What some units are on a day, and how two such pictures differ: for whom an adjustment changes what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.organisations.models import Appointment, Unit, UnitVersion
from doorstep.kernel.organisations.refusals import FIELD_NAMES
from doorstep.kernel.organisations.selectors import last_names, versions_of
from doorstep.kernel.places.models import Area, Grid

_COMPARED = ("name", "place_code", "superior", "phone", "hours", "address", "credit_code")


@dataclass(frozen=True)
class Change:
    """One line of "what changes for whom"."""

    subject: str
    before: str
    after: str


@dataclass
class UnitState:
    """One unit on one day, in words by field; `alive` False where it does not exist on it. `posts`: appointments that
    run or begin from that day on; `following`: those of them whose places are the unit's own."""

    unit_id: int
    lock_version: int
    alive: bool = False
    words: dict[str, str] = field(default_factory=dict)
    posts: dict[int, str] = field(default_factory=dict)
    following: set[int] = field(default_factory=set)

    @property
    def name(self) -> str:
        return self.words.get("name", "")


Picture = dict[int, UnitState]


def picture(unit_ids: Iterable[int], on: dt.date) -> Picture:
    """The units on the day. Six queries, whatever their number."""
    rows = Unit.objects.filter(pk__in=set(unit_ids)).order_by("pk")
    units = {
        unit.pk: UnitState(unit.pk, unit.lock_version, words={"credit_code": unit.credit_code})
        for unit in rows
    }
    versions = versions_of(units, on)
    names = last_names(
        version.superior_id for version in versions.values() if version.superior_id is not None
    )
    places = _place_names({version.place_code for version in versions.values()})
    for unit_id, version in versions.items():
        units[unit_id].alive = True
        units[unit_id].words |= {
            "name": version.name, "place_code": places.get(version.place_code, version.place_code),
            "superior": names.get(version.superior_id or 0, ""), "phone": version.phone, "hours": version.hours,
            "address": version.address,
        }  # fmt: skip
    _add_posts(units, on)
    return units


def _place_names(codes: set[str]) -> dict[str, str]:
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
    return names | dict(Grid.objects.filter(code__in=codes - names.keys()).values_list("code", "name"))


def _add_posts(units: Picture, on: dt.date) -> None:
    held = Appointment.objects.filter(unit_id__in=units).exclude(valid_to__lte=on)
    for row in held.select_related("person").order_by("id"):
        state = units[row.unit_id]
        state.posts[row.pk] = f"{row.get_post_display()} {row.person.name}"
        if not POSTS[row.post].carries_places:
            state.following.add(row.pk)


def units_under(unit_ids: Iterable[int], on: dt.date) -> set[int]:
    """Ids of the units directly under these on the day."""
    rows = UnitVersion.objects.in_force(on).filter(superior__in=set(unit_ids))
    return set(rows.values_list("unit_id", flat=True))


def differences(before: Picture, after: Picture) -> list[Change]:
    """Every unit whose state changes, field by field, and its post-holders."""
    return [change for unit_id in after for change in _unit_changes(before.get(unit_id), after[unit_id])]


def _unit_changes(old: UnitState | None, new: UnitState) -> Iterator[Change]:
    old = old or UnitState(new.unit_id, 0)
    name = new.name or old.name
    if not old.alive and new.alive:
        yield Change(name, "", _("成立"))
    if old.alive and not new.alive:
        yield Change(name, _("在册"), _("不再存在"))
    for key in _COMPARED if new.alive else ():
        was, becomes = old.words.get(key, ""), new.words.get(key, "")
        if was != becomes and not (key == "name" and not old.alive):
            yield Change(f"{name} · {FIELD_NAMES[key]}", was, becomes)
    if old.posts != new.posts:
        yield Change(f"{name} · {_('任职')}", _listed(old.posts), _listed(new.posts))


def _listed(posts: dict[int, str]) -> str:
    return "、".join(posts[key] for key in sorted(posts))


def summary(before: Picture, after: Picture) -> list[str]:
    """How many of what the adjustment touches, in words."""
    founded = [unit for pk, unit in after.items() if unit.alive and not _alive(before, pk)]
    ended = [unit for pk, unit in before.items() if unit.alive and not _alive(after, pk)]
    both = [(before[pk], unit) for pk, unit in after.items() if unit.alive and _alive(before, pk)]
    posts_before = {post for unit in before.values() for post in unit.posts}
    posts_after = {post for unit in after.values() for post in unit.posts}
    under = sum(old.words["superior"] != new.words["superior"] for old, new in both)
    moved = [new for old, new in both if old.words["place_code"] != new.words["place_code"]]
    lines = [
        (len(founded), _("新成立{n}个单位")), (len(ended), _("{n}个单位不再存在")), (under, _("{n}个单位换了上级")),
        (len(posts_before - posts_after), _("{n}项任职结束")),
        (sum(len(unit.following) for unit in moved), _("{n}项任职的工作范围随单位换到新的地方")),
        (len(posts_before & posts_after), _("{n}项任职继续")),
    ]  # fmt: skip
    return [words.format(n=number) for number, words in lines if number]


def _alive(shown: Picture, unit_id: int) -> bool:
    return unit_id in shown and shown[unit_id].alive
