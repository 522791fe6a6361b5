"""The chain up from a door as five cards: who, in which role, and which office to call. Missing links are said."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from doorstep.kernel.places.models import Building
from doorstep.modules.chain.selectors import DoorChain, Link, chain_for_building
from doorstep.surfaces.doorway.selectors import Office, office_of

Text = str | Promise


@dataclass(frozen=True)
class Card:
    """One card. Without a `name`, `missing` says what is not there. Phone, hours: an office's, never a person's."""

    role: Text
    name: str = ""
    unit: str = ""
    missing: Text = ""
    phone: str = ""
    hours: str = ""
    note: Text = ""


@dataclass(frozen=True)
class Door:
    """Everything the page of one door shows."""

    building: Building
    chain: DoorChain
    office: Office | None
    cards: tuple[Card, ...]


def door_of(building: Building) -> Door:
    """The five cards of a building today. Nine queries at most."""
    chain = chain_for_building(building)
    office = office_of(chain.grid_code)
    cards = (
        _household(chain, office),
        _leader(
            chain.group, _("楼栋党小组组长"), office,
            nobody=_("组长暂缺"), nowhere=_("这栋楼还没有编入楼栋党小组"),
        ),
        _leader(
            chain.branch, _("网格党支部书记"), office,
            nobody=_("书记暂缺"), nowhere=_("这里还没有网格党支部"),
        ),
        _worker(chain, office),
        _leader(
            chain.community, _("社区党组织书记"), office,
            nobody=_("书记暂缺"), nowhere=_("还没有登记社区党组织"),
        ),
    )  # fmt: skip
    return Door(building, chain, office, cards)


def _household(chain: DoorChain, office: Office | None) -> Card:
    role = _("党员中心户")
    named = [_household_name(each.name, each.door) for each in chain.households if each.name]
    hidden = len(chain.households) - len(named)
    if named:
        note = _("另有 %(n)d 户未公开姓名。") % {"n": hidden} if hidden else ""
        return Card(role, name="、".join(named), note=note)
    if hidden:
        said = _("本楼有 %(n)d 户，本人没有同意公开姓名") % {"n": hidden}
        return _missing(role, said, office)
    return _missing(role, _("本楼还没有党员中心户"), office)


def _household_name(name: str, door: str) -> str:
    return _("%(name)s（%(door)s）") % {"name": name, "door": door} if door else name


def _leader(link: Link | None, role: str, office: Office | None, *, nobody: str, nowhere: str) -> Card:
    if link is None:
        return _missing(role, nowhere, office)
    if not link.holder:
        return _missing(role, nobody, office, unit=link.name)
    return _held(link, role, office)


def _worker(chain: DoorChain, office: Office | None) -> Card:
    role = _("专职网格员")
    if not chain.grid_name:
        return _missing(role, _("这栋楼还没有划入网格"), office)
    if not chain.workers:
        return _missing(role, _("网格员暂缺"), office, unit=chain.grid_name)
    first, *others = chain.workers
    card = _held(first, role, office, unit=chain.grid_name)
    if not others:
        return card
    names = "、".join([card.name, *(link.holder for link in others)])
    return Card(role, name=names, unit=card.unit, phone=card.phone, hours=card.hours, note=card.note)


def _held(link: Link, role: str, office: Office | None, unit: str = "") -> Card:
    phone, hours = (
        (link.phone, link.hours) if link.phone else (office.phone, office.hours) if office else ("", "")
    )
    note = _("临时代理") if link.substitute else ""
    return Card(role, name=link.holder, unit=unit or link.name, phone=phone, hours=hours, note=note)


def _missing(role: str, said: str, office: Office | None, unit: str = "") -> Card:
    if office is None:
        return Card(role, unit=unit, missing=said)
    note = _("有事请打给%(office)s。") % {"office": office.name}
    return Card(role, unit=unit, missing=said, phone=office.phone, hours=office.hours, note=note)
