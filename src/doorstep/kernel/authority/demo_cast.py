"""The demo cast: whom one may be with one click, and how much of the demo district is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.authority.models import Account
from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.reach import places_of
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock

Text = str | Promise
LOADING, KNOWN_SECONDS = "demo.loading", 90
RESIDENTS, OFFICES, UNITS, ADMINISTRATION, PRACTICE = GROUPS = (
    gettext_lazy("居民和党员（手机）"), gettext_lazy("社区、街道、区和部门"), gettext_lazy("单位、物业、商户和队伍"),
    gettext_lazy("平台管理"), gettext_lazy("练习区"),
)  # fmt: skip
_KINDS = {
    "property_company": UNITS, "company": UNITS, "merchant": UNITS, "social_organisation": UNITS, "public_institution": UNITS,
    "volunteer_team": UNITS, "volunteer_federation": UNITS, "platform_administration": ADMINISTRATION,
}  # fmt: skip


_called: dict[str, Text] = {}  # by username: who stands for somebody without a post


def call_without_post(names: dict[str, Text]) -> None:
    """What members of the cast who hold no post are called; without a word, a resident."""
    _called.update(names)


def tell_loading(done: int, of: int) -> None:
    """How many parts of the demo district are in, for as long as it is told again."""
    cache.set(LOADING, [done, of], KNOWN_SECONDS)


def loading() -> tuple[int, int] | None:
    """Parts that are in, of how many; None where all are, or nobody loads any."""
    done, of = cache.get(LOADING) or (0, 0)
    return (done, of) if done < of else None


@dataclass(frozen=True)
class CastMember:
    """One demo account: whom it plays, and where."""

    username: str
    name: str
    posts: str
    places: str
    group: Text


def demo_cast_members() -> list[CastMember]:
    """Active demo accounts in the order they were made. At most six queries."""
    accounts = list(
        Account.objects.filter(is_demo=True, is_active=True).select_related("person").order_by("pk")
    )
    rows = Appointment.objects.in_force(clock.today()).filter(
        person_id__in=[account.person_id for account in accounts]
    )
    held = list(rows.select_related("unit").prefetch_related("places").order_by("pk"))
    places = places_of(held, clock.today())
    by_person: dict[int, list[Appointment]] = {}
    codes: set[str] = set()
    for appointment in held:
        by_person.setdefault(appointment.person_id, []).append(appointment)
        codes |= {place[:12] for place in places[appointment.pk]}
    codes |= {account.person.place_code[:12] for account in accounts if account.person is not None}
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
    return [
        _member(account, by_person.get(account.person_id or 0, []), places, names) for account in accounts
    ]


def _member(
    account: Account, held: list[Appointment], places: Mapping[int, tuple[str, ...]], names: dict[str, str]
) -> CastMember:
    person = account.person
    codes = [code for appointment in held for code in places[appointment.pk]]
    if not codes and person is not None:
        codes = [person.place_code]
    known = dict.fromkeys(names[code[:12]] for code in codes if code[:12] in names)
    return CastMember(
        username=account.username,
        name=person.name if person is not None else account.username,
        posts=_("、").join(dict.fromkeys(str(POSTS[one.post].name) for one in held))
        or str(_called.get(account.username) or _("居民")),
        places="、".join(list(known)[:3]),
        group=_group_of(held, codes),
    )


def _group_of(held: list[Appointment], codes: list[str]) -> Text:
    if not held:
        return RESIDENTS
    if all(code and not code.startswith(settings.HOME_PLACE) for code in codes):
        return PRACTICE
    return _KINDS.get(held[0].unit.kind, OFFICES)


def demo_cast_in_groups() -> list[tuple[Text, list[CastMember]]]:
    """The cast by where they stand, in the order of `GROUPS`; empty ones left out."""
    cast = demo_cast_members()
    groups = [(group, [member for member in cast if member.group == group]) for group in GROUPS]
    return [(group, members) for group, members in groups if members]
