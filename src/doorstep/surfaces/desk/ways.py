"""Where somebody can go who answers for no place: their registers, their community's office, their own account."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from doorstep.kernel.web.context import Page


@dataclass(frozen=True)
class Way:
    """A link and what one finds there."""

    name: str | Promise
    url: str
    about: str | Promise


def ways(page: Page, here: str) -> list[Way]:
    """The reader's own entries of the navigation but this page; then what everybody has."""
    found = [
        Way(line.name, line.href, group.title)
        for group in page.sections
        for line in group.lines
        if line.href.partition("?")[0] != here
    ]
    found += _office(page)
    return [
        *found,
        Way(_("谁在管我家门口"), reverse("doorway:find"), _("按楼栋查组织、网格员和办公电话")),
        Way(_("我的账号"), reverse("my_account"), _("密码、动态验证码和我的资料")),
    ]


def _office(page: Page) -> list[Way]:
    """The community of the reader's own unit, as residents see it."""
    codes = {place[:12] for grant in page.actor.grants for place in grant.places if len(place) >= 12}
    try:
        return [
            Way(_("社区办公室"), reverse("doorway:place", args=[code]), _("电话、地址和办公时间"))
            for code in sorted(codes)[:1]
        ]
    except NoReverseMatch:
        return []
